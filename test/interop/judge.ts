/** Owns how a suite gets its judge: started before, killed after, and a loud word when the machine has none. */
import { type MotoServer, missingJudge, startMoto } from "./moto-server";

/**
 * Starts moto around the suite that calls this. Without moto the suite is skipped, loudly; with `CI` set it fails.
 * @returns the running server, for use inside the tests
 */
export function judgeByMoto(numberedTaskRoles = 0): () => MotoServer {
  let moto: MotoServer | undefined;
  before(async function () {
    const missing = missingJudge();
    if (missing === undefined) {
      moto = await startMoto(numberedTaskRoles);
      return;
    }
    if (process.env["CI"]) throw new Error(`${missing} is missing on this machine, and CI must not skip`);
    console.error(
      `\n*** SKIPPED: ${missing} is missing; no independent AWS judged "${this.test?.parent?.title}" ***\n`,
    );
    this.skip();
  });
  after(() => moto?.close());
  return () => {
    if (moto === undefined) throw new Error("moto is not running");
    return moto;
  };
}
