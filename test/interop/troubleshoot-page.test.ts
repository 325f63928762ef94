/** Owns the look at the page as a browser renders it: a healthy chain and a denied task role, wide and on a phone, light and dark. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { htmlPage } from "../../utils/platform/troubleshoot/html-page";
import { troubleshoot } from "../../utils/platform/troubleshoot/troubleshoot";
import { defaultDependencies } from "../../utils/runtime/default-dependencies";
import { startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { need, programPath, programs } from "../support/needs";
import { silentLogger } from "../support/silent-logger";

const project = join(__dirname, "..", "..");
/** Kept, so that a person can look at them. */
const pictures = join(project, ".cache", "troubleshoot-page");

const browser = ["chromium", "chromium-browser", "google-chrome"].map(programPath).find((path) => path !== undefined);

async function page(role: string): Promise<string> {
  const simulator = await startSimulator();
  try {
    const dependencies = { ...defaultDependencies(project, silentLogger), environment: {} };
    const report = await troubleshoot(
      {
        id: "aws-production",
        properties: simulatorServiceInstance(simulator, { globalRole: "adapter" }),
        call: {
          service: "s3",
          operation: "ListBuckets",
          kind: "STSRole",
          params: {},
          stsParams: { RoleArn: simulatedRoleArn(simulator.world, role), RoleSessionName: "change-4711" },
          roleName: null,
          metadata: undefined,
        },
      },
      dependencies,
    );
    return htmlPage(report);
  } finally {
    await simulator.close();
  }
}

describe("the troubleshooting page in a browser", function () {
  this.timeout(60_000);
  let folder: string;
  need(() => (browser === undefined ? programs("chromium")() : undefined));
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-page-"));
    mkdirSync(pictures, { recursive: true });
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function browse(file: string, ...options: readonly string[]): Promise<string> {
    const quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
    quiet.push("--disable-background-networking", "--disable-component-update", "--hide-scrollbars");
    quiet.push(`--user-data-dir=${mkdtempSync(join(folder, "profile-"))}`);
    const run = promisify(execFile)(browser as string, [...quiet, ...options, pathToFileURL(file).href], {
      timeout: 30_000,
      maxBuffer: 16_000_000,
    });
    return (await run).stdout;
  }

  const looks: readonly [name: string, role: string, size: string, ...options: string[]][] = [
    ["healthy-light", "task-reader", "900,1500"],
    ["healthy-phone-dark", "task-reader", "500,2200", "--blink-settings=preferredColorScheme=0"],
    ["denied-dark", "task-denied", "900,1500", "--blink-settings=preferredColorScheme=0"],
    ["denied-phone-light", "task-denied", "500,2400"],
  ];
  for (const [name, role, size, ...options] of looks) {
    it(`${name} is drawn`, async () => {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, await page(role));
      const picture = join(pictures, `${name}.png`);
      rmSync(picture, { force: true });
      await browse(file, `--window-size=${size}`, `--screenshot=${picture}`, ...options);
      assert.ok(existsSync(picture));
      const png = readFileSync(picture);
      const [width, height] = size.split(",").map(Number);
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [width, height]);
      assert.ok(png.length > 40_000, "more than an empty page");
    });
  }

  // A frame is as narrow as it is told to be; a headless window is not.
  it("is no wider than a phone of 360 px, for both", async () => {
    for (const role of ["task-reader", "task-denied"]) {
      const inner = (await page(role)).replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
      const measure = `<script>onload=()=>{const e=document.documentElement;parent.postMessage(e.scrollWidth+"/"+e.clientWidth,"*")}</script>`;
      const framed = join(folder, `${role}-frame.html`);
      const source = `${inner}${measure}`.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
      const listen = `<script>onmessage=({data})=>{document.title=data}</script>`;
      writeFileSync(framed, `${listen}<iframe width="360" height="640" frameborder="0" srcdoc="${source}"></iframe>`);
      const dom = await browse(framed, "--dump-dom", "--virtual-time-budget=3000");
      assert.match(dom, /<title>360\/360<\/title>/);
    }
  });

  it("has in its document what a person needs, without a script", async () => {
    const file = join(folder, "denied.html");
    writeFileSync(file, await page("task-denied"));
    const dom = await browse(file, "--dump-dom");
    assert.doesNotMatch(dom, /<script|<link|https?:\/\/(?!127\.0\.0\.1)/);
    assert.match(dom, /<html lang="en">/);
    assert.match(dom, /<title>aws-production: failed<\/title>/);
    assert.equal([...dom.matchAll(/class="box passed"/g)].length, 2);
    assert.equal([...dom.matchAll(/class="box failed"/g)].length, 1);
    assert.equal([...dom.matchAll(/class="box not-tried"/g)].length, 1);
    assert.match(
      dom,
      /AccessDenied: User: arn:aws:sts::123456789012:assumed-role\/adapter\/aws-production is not authorized/,
    );
  });
});
