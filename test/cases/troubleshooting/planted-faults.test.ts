/** Owns the proof that each planted fault is named in one line, and that docs/troubleshooting.md says the same line. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLogger } from "../../../utils/logging/platform-logger";
import { htmlPage } from "../../../utils/platform/troubleshoot/html-page";
import type { TroubleshootReport } from "../../../utils/platform/troubleshoot/report";
import { troubleshoot } from "../../../utils/platform/troubleshoot/troubleshoot";
import { defaultDependencies } from "../../../utils/runtime/default-dependencies";
import { startSimulator } from "../../../utils/simulator/simulator";
import { httpProxy } from "../../unit/http/proxies";
import { healthyProperties, type PlantedFault, plantedFaults } from "./planted-faults";

const folder = join(__dirname, "..", "..", "..");
const documentFile = join(folder, "docs", "troubleshooting.md");
const [BEGIN, END] = ["<!-- planted faults: begin -->", "<!-- planted faults: end -->"];
const tlsFile = (name: string): Buffer => readFileSync(join(folder, "test", "fixtures", "tls", name));
const quietly = createLogger("planted", { error: () => {} });

async function diagnosed(fault: PlantedFault): Promise<TroubleshootReport> {
  const proxy = await httpProxy({ authorization: "Basic wanted" });
  const tls = { key: tlsFile("endpoint-key.pem"), cert: tlsFile("endpoint.pem") };
  const simulator = await startSimulator({ ...fault.simulator, ...(/certificate/.test(fault.name) ? { tls } : {}) });
  try {
    const healthy = healthyProperties(simulator);
    const properties = fault.properties?.({ simulator, properties: healthy, proxyPort: proxy.port }) ?? healthy;
    for (const [service, planted] of Object.entries(fault.faults ?? {})) simulator.faults.set(service, planted);
    const call = fault.call?.(simulator);
    const dependencies = {
      ...defaultDependencies(folder, quietly),
      environment: fault.environment?.(simulator) ?? {},
      lookup: async (host: string) => {
        if (/invalid$/.test(host)) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
        return ["127.0.0.1"];
      },
    };
    return await troubleshoot({ id: "aws", properties, ...(call === undefined ? {} : { call }) }, dependencies);
  } finally {
    await simulator.close();
    await proxy.close();
  }
}

/** What differs from run to run, and what a table cannot hold. */
const steady = (text: string): string =>
  text
    .replace(/127\.0\.0\.1:\d{2,5}\b/g, "127.0.0.1")
    .replace(/\(request [0-9A-Z-]+\)/gi, "(request …)")
    .replace(/within \d+ ms/, "within 950 ms")
    .replaceAll("|", "\\|");

function row({ name }: PlantedFault, { diagnosis, advice = "", checks }: TroubleshootReport): string {
  const code = checks.find(({ aws, status }) => status === "failed" && aws !== undefined)?.aws?.code;
  return `| ${name} | ${code === undefined ? "–" : `\`${code}\``} | ${steady(diagnosis)} | ${steady(advice)} |`;
}

describe("planted faults", () => {
  const rows: string[] = [];
  const documented = readFileSync(documentFile, "utf8");
  for (const fault of plantedFaults) {
    it(fault.name, async () => {
      const report = await diagnosed(fault);
      const found = row(fault, report);
      rows.push(found);
      assert.notEqual(report.status, "passed");
      assert.ok(!report.diagnosis.includes("\n"));
      assert.ok((report.advice ?? "").length > 20, "the advice says what to change");
      assert.match(htmlPage(report), /<h1>/);
      if (process.env["WRITE_DOCS"] === undefined) assert.ok(documented.includes(`\n${found}\n`), found);
    });
  }

  it("are all in docs/troubleshooting.md, and no other", () => {
    const head = "| what is wrong | AWS's code | what `troubleshoot` says | what to do |\n| --- | --- | --- | --- |";
    const table = `${BEGIN}\n${head}\n${rows.join("\n")}\n${END}`;
    const before = documented.slice(0, documented.indexOf(BEGIN));
    const after = documented.slice(documented.indexOf(END) + END.length);
    if (process.env["WRITE_DOCS"] !== undefined) writeFileSync(documentFile, `${before}${table}${after}`);
    else assert.equal(documented, `${before}${table}${after}`);
  });

  it("of a healthy instance are none", async () => {
    const report = await diagnosed({ name: "healthy" });
    assert.equal(report.diagnosis, "everything works");
    assert.deepEqual([...new Set(report.checks.map(({ status }) => status))].sort(), ["passed", "skipped"]);
    assert.ok(report.chain.every(({ status }) => status === "passed"));
  });
});
