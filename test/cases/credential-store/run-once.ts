/** One process of the trials: opens an adapter on the service instance in a file, asks who it is, and prints what it saw. */
import { readFileSync } from "node:fs";
import { openCredentialStore } from "../../../utils/runtime/open-credential-store";
import { adapter } from "../roles-anywhere/world";

async function main(): Promise<void> {
  const [file = ""] = process.argv.slice(2);
  const { runtime, log } = adapter(JSON.parse(readFileSync(file, "utf8")), {}, openCredentialStore);
  process.stdout.write("ready\n");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  const provider = runtime.identity(runtime.plan({ kind: "plain" }));
  const { accessKeyId } = await provider.resolve({ timeoutMs: 10_000 });
  process.stdout.write(`${JSON.stringify({ accessKeyId, log })}\n`);
  runtime.close();
  process.exit(0);
}

void main();
