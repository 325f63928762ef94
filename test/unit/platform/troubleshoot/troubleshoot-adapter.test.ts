/** Owns the cases of iapTroubleshootAdapter: what is looked into, what is only tried, and what is kept. */
import assert from "node:assert/strict";

import AwsAdapter = require("../../../../adapter");

import { createLogger } from "../../../../utils/logging/platform-logger";
import { htmlPage } from "../../../../utils/platform/troubleshoot/html-page";
import type { TroubleshootReport } from "../../../../utils/platform/troubleshoot/report";
import { type Simulator, startSimulator } from "../../../../utils/simulator/simulator";
import {
  simulatedRoleArn,
  simulatorServiceInstance,
  userKey,
} from "../../../../utils/simulator/simulator-service-instance";

type Answer = { readonly response: TroubleshootReport & { readonly persisted: boolean } };

describe("iapTroubleshootAdapter", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());
  const adapter = (properties: object = simulatorServiceInstance(simulator)) =>
    new AwsAdapter("aws-1", properties, { environment: {}, logger: createLogger("aws-1", { error: () => {} }) });
  const troubleshoot = async (of: AwsAdapter, props?: unknown, persistFlag?: unknown) =>
    ((await of.iapTroubleshootAdapter(props, persistFlag)) as Answer).response;

  it("answers a report of the present properties, by promise and by callback", async () => {
    const report = await troubleshoot(adapter());
    assert.deepEqual([report.status, report.diagnosis, report.persisted], ["passed", "everything works", false]);
    await new Promise<void>((resolve) => {
      adapter().iapTroubleshootAdapter({}, false, (data: unknown, error: unknown) => {
        assert.equal(error, null);
        assert.equal((data as Answer).response.id, "aws-1");
        resolve();
      });
    });
  });

  it("looks into the role of a task", async () => {
    const stsParams = { RoleArn: simulatedRoleArn(simulator.world, "task-denied"), RoleSessionName: "wf" };
    const task = { service: "s3", operation: "ListBuckets", stsParams };
    const { status, chain, checks } = await troubleshoot(adapter(), { task });
    assert.equal(status, "failed");
    assert.deepEqual(
      chain.map((link) => [link.title, link.status]),
      [
        ["Adapter Role", "passed"],
        ["task-denied", "failed"],
        ["s3 ListBuckets", "not-tried"],
      ],
    );
    assert.match(chain[1]?.answer ?? "", /^AccessDenied: User: .*:user\/adapter is not authorized/);
    assert.deepEqual(
      checks.map((check) => check.name),
      ["properties", "time", "dns", "proxy", "metadata", "sts", "chain", "service"],
    );
  });

  it("does not send a call that may change something", async () => {
    const task = { service: "s3", operation: "DeleteBucket", params: { Bucket: "example-archive" } };
    const { checks } = await troubleshoot(adapter(), { task });
    assert.deepEqual(checks.at(-1)?.status, "skipped");
    assert.equal(simulator.counts()["s3.DeleteBucket"], undefined);
  });

  it("tries other properties, and keeps them only when asked to and when they pass", async () => {
    const of = adapter();
    const { accessKeyId, secretAccessKey } = userKey(simulator.world, "pod");
    const good = { authentication: { aws_access_key: accessKeyId, aws_secret_key: secretAccessKey } };
    const bad = { authentication: { aws_secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" } };
    const whoIs = async () =>
      ((await of.awsRequest("sts", "GetCallerIdentity", {})) as { response: { Arn: string } }).response;
    assert.equal((await troubleshoot(of, good)).persisted, false);
    assert.equal((await troubleshoot(of, bad, true)).persisted, false);
    assert.match((await whoIs()).Arn, /user\/adapter$/);
    assert.equal((await troubleshoot(of, good, true)).persisted, true);
    assert.match((await whoIs()).Arn, /user\/pod$/);
  });

  it("goes on past properties that are wrong, as far as it can", async () => {
    const properties = simulatorServiceInstance(simulator) as { authentication: object };
    const authentication = { ...properties.authentication, aws_secret_key: "" };
    const { checks, chain } = await troubleshoot(adapter({ ...properties, authentication }));
    const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
    assert.deepEqual([statuses["properties"], statuses["time"], statuses["dns"]], ["failed", "passed", "passed"]);
    assert.deepEqual([statuses["sts"], statuses["service"], chain], ["not-tried", "not-tried", []]);
  });

  it("escapes whatever it is told on its page", async () => {
    const roleName = "arn:aws:iam::123456789012:role/<img src=x onerror=alert(1)>";
    const report = await troubleshoot(adapter(), { task: { service: "s3", operation: "ListBuckets", roleName } });
    const evil: TroubleshootReport = { ...report, id: '"><script>', diagnosis: "<b>&'" };
    const page = htmlPage(evil);
    assert.doesNotMatch(page, /<img|<script|<b>/);
    assert.match(page, /&lt;b&gt;&amp;&#39;/);
  });
});
