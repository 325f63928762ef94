/** Owns how a suite gets its judge: started before, killed after, and a loud word when the machine has none. */
import { need } from "../support/needs";
import { type MotoServer, motoJudge, startMoto } from "./moto-server";

/**
 * Starts moto around the suite that calls this. Without moto the suite is skipped, loudly; with `CI` set it fails.
 * @returns the running server, for use inside the tests
 */
export function judgeByMoto(numberedTaskRoles = 0): () => MotoServer {
  let moto: MotoServer | undefined;
  need(motoJudge);
  before(async () => {
    moto = await startMoto(numberedTaskRoles);
  });
  after(() => moto?.close());
  return () => {
    if (moto === undefined) throw new Error("moto is not running");
    return moto;
  };
}
