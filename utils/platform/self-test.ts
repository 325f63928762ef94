/** Owns iapRunAdapterTests: the adapter tries itself where it stands, files, way and credentials. */
import type { Performance } from "./adapter-parts";
import { runConnectivity } from "./connectivity";
import { localEnvelope } from "./envelope";
import { lint } from "./installation";

export const runSelfTest: Performance = async (parts) => {
  const problems = lint(parts);
  const { response } = (await runConnectivity(parts, [])) as { readonly response: { readonly reachable: boolean } };
  const healthy = await parts.health.run();
  const tests = [
    { test: "files", passed: problems.length === 0, found: problems },
    { test: "connectivity", passed: response.reachable, found: response },
    { test: "healthcheck", passed: healthy, found: { healthy } },
  ];
  return localEnvelope({ passed: tests.every(({ passed }) => passed), tests });
};
