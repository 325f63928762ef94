/** One process of the trials: locks, fetches and writes identities until it is killed. */
import { randomBytes } from "node:crypto";
import { storedFetch } from "../../../utils/credentials/credential-store/stored-fetch";
import { openCredentialStore } from "../../../utils/runtime/open-credential-store";
import { systemClock } from "../../../utils/runtime/system-clock";
import { Secret } from "../../../utils/types/secret";

async function main(): Promise<void> {
  const [folder = "", key = ""] = process.argv.slice(2);
  process.umask(0);
  const store = openCredentialStore({ type: "file", folder, keys: [new Secret(key)] }, () => undefined);
  for (let round = 0; ; round += 1) {
    const fetch = async () => ({
      accessKeyId: `ASIA${round}`,
      secretAccessKey: `secret of ${round}`,
      sessionToken: randomBytes(2000).toString("base64"),
      expiration: new Date(systemClock.now() + 3_600_000),
    });
    await storedFetch(store, `key-${round % 3}`, fetch, () => false, {}, systemClock);
    if (round === 3) process.stdout.write("ready\n");
  }
}

void main();
