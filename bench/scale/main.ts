/** Owns `npm run bench:scale`: the figures and pictures of docs/scale.md. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { roleCost } from "./cost";
import { assumeRoleRate, coldStart, type Load, serviceRate } from "./model";
import { simulate } from "./simulate";

const plot = require("./plot.cjs") as {
  assumeRolePicture(rows: readonly object[], quota: number): object;
  coldStartPicture(rows: readonly object[], quota: number): object;
  servicePicture(rows: readonly object[], allowed: number): object;
  svgOf(picture: object): Promise<string>;
};

const folder = join(__dirname, "..", "..", "docs", "scale");
const SEED = 20_260_105;
const CALLS_PER_SECOND = 100;
/** Of STS, for an account and region: docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const STS_QUOTA = 600;
const ROLES = [10, 1000, 100_000] as const;
const NODES = [1, 2, 3, 5, 10, 20, 30, 50, 100] as const;
const SIMULATED_NODES: readonly number[] = [1, 3, 10, 30, 100];
const CACHES = ["own", "shared"] as const;
const ALLOWED = 20;
const RETRIES = 3;

const cacheWords = { own: "of each node", shared: "shared" } as const;

async function main(): Promise<void> {
  const loads = ROLES.flatMap((roles) =>
    CACHES.flatMap((cache) => NODES.map((nodes): Load => ({ roles, nodes, cache, callsPerSecond: CALLS_PER_SECOND }))),
  );
  const rows = loads.map((load) => {
    const model = assumeRoleRate(load);
    const simulated = SIMULATED_NODES.includes(load.nodes)
      ? simulate({ ...load, seconds: 21_600, warmUpSeconds: 7200, seed: SEED, begin: "in-mid-life" })
          .assumeRolesPerSecond
      : undefined;
    return { ...load, roles: load.roles.toLocaleString("en"), cache: cacheWords[load.cache], model, simulated };
  });
  console.log(
    "| roles | cache | nodes | model /s | simulated /s | difference |\n| --- | --- | --- | --- | --- | --- |",
  );
  let worst = 0;
  for (const { roles, cache, nodes, model, simulated } of rows) {
    if (simulated === undefined) continue;
    const difference = simulated / model - 1;
    worst = Math.max(worst, Math.abs(difference));
    console.log(
      `| ${roles} | ${cache} | ${nodes} | ${model.toPrecision(3)} | ${simulated.toPrecision(3)} | ${(difference * 100).toFixed(1)} % |`,
    );
  }
  console.log(`\nLargest difference: ${(worst * 100).toFixed(1)} %, seed ${SEED}\n`);
  for (const roles of [100, 10_000, 50_000]) {
    const { bytesPerRole, lookupMicroseconds } = await roleCost(roles);
    console.log(
      `${roles} roles: ${Math.round(bytesPerRole)} bytes a role, ${lookupMicroseconds.toFixed(2)} µs a lookup`,
    );
  }
  const cold = loads.map((load) => ({
    ...{ roles: load.roles.toLocaleString("en"), cache: cacheWords[load.cache] },
    ...{ nodes: load.nodes, calls: coldStart(load) },
  }));
  const offered = Array.from({ length: 41 }, (_, at) => at * 2);
  const service = offered.flatMap((calls) => {
    const { least, most } = serviceRate(calls, ALLOWED, RETRIES);
    return [
      { offered: calls, seen: most, what: "every refusal repeated" },
      { offered: calls, seen: Math.min(calls, ALLOWED), what: "held back before it is sent" },
      { offered: calls, seen: least, what: "retry budget spent" },
    ];
  });
  mkdirSync(folder, { recursive: true });
  const pictures = {
    "assume-role": plot.assumeRolePicture(rows, STS_QUOTA),
    "cold-start": plot.coldStartPicture(cold, STS_QUOTA),
    service: plot.servicePicture(service, ALLOWED),
  };
  for (const [name, picture] of Object.entries(pictures)) {
    writeFileSync(join(folder, `${name}.svg`), await plot.svgOf(picture));
  }
}

void main();
