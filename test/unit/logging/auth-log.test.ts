/** Owns the cases of the three auth_logging entries: what they say, what they hide, and that silence costs nothing. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { AuthLog, type CallLogContext } from "../../../utils/logging/auth-log";
import { AuthLogSwitch, REMINDER_MS } from "../../../utils/logging/auth-log-switch";
import { Masker } from "../../../utils/logging/masker";
import type { Clock } from "../../../utils/types/clock";
import type { HttpRequest } from "../../../utils/types/http";
import type { Logger, LogLevel } from "../../../utils/types/logger";
import { MASK, Secret } from "../../../utils/types/secret";

const call: CallLogContext = {
  callId: "c1",
  service: "secrets-manager",
  operation: "PutSecretValue",
  chain: { source: { type: "static", accessKeyId: "AKIA1", secretAccessKey: new Secret("s3cr3t-key") }, steps: [] },
  forced: false,
};
const request: HttpRequest = {
  method: "POST",
  protocol: "https:",
  hostname: "secretsmanager.us-east-1.amazonaws.com",
  port: 8443,
  path: "/",
  query: { a: ["1", "ü"], "X-Amz-Security-Token": "tok", empty: null },
  headers: {
    authorization: "AWS4-HMAC-SHA256 Credential=AKIA1/x, SignedHeaders=host, Signature=00ff",
    "content-type": "application/x-amz-json-1.1",
  },
  body: Buffer.from('{"SecretString":"hush","SecretId":"id","Ü":1}'),
};

function setUp(options: { level?: "debug" | "info"; enabled?: boolean } = {}) {
  const entries: string[] = [];
  const write = (level: LogLevel) => (message: string) => entries.push(`${level} ${message}`);
  const enabled = options.level !== "info";
  const logger: Logger = {
    spam: write("spam"),
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    isEnabled: (level) => enabled || level !== "debug",
  };
  let now = 0;
  const due: { at: number; task: () => void }[] = [];
  const schedule: Clock["schedule"] = (ms, task) => {
    const entry = { at: now + ms, task };
    due.push(entry);
    return () => void due.splice(due.indexOf(entry), 1);
  };
  const clock = { now: () => now, monotonic: () => now, schedule } as Clock;
  const masker = new Masker();
  masker.addSecret("s3cr3t-key");
  const log = new AuthLog(logger, masker, clock, new AuthLogSwitch(), ({ source }) => ({
    source: source.type,
    steps: ["AssumeRole with s3cr3t-key"],
  }));
  log.setEnabled(options.enabled ?? false);
  const pass = (ms: number) => {
    now += ms;
    for (const one of due.splice(0)) {
      if (one.at <= now) one.task();
      else due.push(one);
    }
  };
  const parsed = (at: number, kind: string) => {
    assert.ok(entries[at]?.startsWith(`debug ${kind} `), entries[at]);
    return JSON.parse((entries[at] ?? "").slice(`debug ${kind} `.length));
  };
  return { log, entries, parsed, pass };
}

describe("AuthLog", () => {
  it("writes FULL_REQUEST, FULL_BODY and CALL RETURN when it is on", () => {
    const { log, entries, parsed } = setUp({ enabled: true });
    assert.match(entries[0] ?? "", /^warn auth_logging is on/);
    const entry = log.forCall(call);
    assert.equal(entry.active, true);
    entry.request(1, request);
    entry.response(1, {
      statusCode: 200,
      headers: { "content-type": "text/xml", "set-cookie": "c" },
      body: "<Password>x</Password>",
      durationMs: 3,
    });
    const about = { callId: "c1", attempt: 1 };
    const named = { ...about, service: "secrets-manager", operation: "PutSecretValue" };
    assert.deepEqual(parsed(1, "FULL_REQUEST"), {
      ...named,
      method: "POST",
      url: `https://secretsmanager.us-east-1.amazonaws.com:8443/?a=1&a=%C3%BC&X-Amz-Security-Token=${MASK}&empty`,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=AKIA1/x, SignedHeaders=host, Signature=${MASK}`,
        "content-type": "application/x-amz-json-1.1",
      },
      roleChain: { source: "static", steps: [`AssumeRole with ${MASK}`] },
    });
    assert.deepEqual(parsed(2, "FULL_BODY"), {
      ...about,
      contentType: "application/x-amz-json-1.1",
      contentLength: 46,
      body: `{"SecretString":"${MASK}","SecretId":"id","Ü":1}`,
    });
    assert.deepEqual(parsed(3, "CALL RETURN"), {
      ...named,
      statusCode: 200,
      durationMs: 3,
      headers: { "content-type": "text/xml", "set-cookie": MASK },
      contentType: "text/xml",
      contentLength: 22,
      body: `<Password>${MASK}</Password>`,
    });
  });

  it("shows what was signed line by line, its session token masked", () => {
    const { log, parsed } = setUp({ enabled: true });
    const canonicalRequest = "GET\n/\nX-Amz-Security-Token=tok\nhost:h\nx-amz-security-token:tok\n\nhost\ne3b0";
    const stringToSign = "AWS4-HMAC-SHA256\n20260101T000000Z\nscope\n00ff";
    log.forCall(call).request(1, request, {
      canonicalRequest,
      stringToSign,
      signedHeaders: "host",
      credentialScope: "scope",
      signature: "00ff",
    });
    const { canonicalRequest: shown, stringToSign: signed } = parsed(1, "FULL_REQUEST");
    assert.deepEqual(shown, [
      "GET",
      "/",
      `X-Amz-Security-Token=${MASK}`,
      "host:h",
      `x-amz-security-token:${MASK}`,
      "",
      "host",
      "e3b0",
    ]);
    assert.deepEqual(signed, ["AWS4-HMAC-SHA256", "20260101T000000Z", "scope", "00ff"]);
  });

  it("writes only a plain CALL RETURN when it is off, with the body of a failure", () => {
    const { log, entries, parsed } = setUp();
    const entry = log.forCall(call);
    assert.equal(entry.active, false);
    entry.request(1, request);
    entry.response(1, { statusCode: 200, headers: { "x-amzn-requestid": "r" }, body: "<a/>", durationMs: 3 });
    entry.response(2, { statusCode: 403, headers: {}, body: "<Token>t</Token>", durationMs: 4 });
    assert.equal(entries.length, 2);
    const named = { callId: "c1", service: "secrets-manager", operation: "PutSecretValue" };
    assert.deepEqual(parsed(0, "CALL RETURN"), {
      ...named,
      attempt: 1,
      statusCode: 200,
      durationMs: 3,
      requestId: "r",
    });
    assert.deepEqual(parsed(1, "CALL RETURN"), {
      ...named,
      attempt: 2,
      statusCode: 403,
      durationMs: 4,
      contentLength: 16,
      body: `<Token>${MASK}</Token>`,
    });
  });

  it("shows a content type without a secret in it, on or off", () => {
    const headers = { "content-type": "text/xml; key=s3cr3t-key" };
    const answer = { statusCode: 400, headers, body: "<a/>", durationMs: 1 };
    const full = setUp({ enabled: true });
    full.log.forCall(call).request(1, { ...request, headers });
    full.log.forCall(call).response(1, answer);
    const plain = setUp();
    plain.log.forCall(call).response(1, answer);
    const shown = [
      full.parsed(2, "FULL_BODY"),
      full.parsed(3, "CALL RETURN"),
      plain.parsed(0, "CALL RETURN"),
    ] as Record<string, unknown>[];
    for (const { contentType } of shown) assert.equal(contentType, `text/xml; key=${MASK}`);
    assert.doesNotMatch([...full.entries, ...plain.entries].join(), /s3cr3t/);
  });

  it("is on for one call that asks for it", () => {
    const { log } = setUp();
    assert.equal(log.forCall({ ...call, forced: true }).active, true);
    assert.equal(log.forCall(call).active, false);
  });

  it("computes nothing above debug", () => {
    const { log, entries } = setUp({ level: "info", enabled: true });
    const entry = log.forCall({ ...call, forced: true });
    const untouchable = new Proxy(request, {
      get: () => {
        throw new Error("looked at");
      },
    });
    entry.request(1, untouchable);
    assert.equal(entries.length, 1);
  });

  it("turns on and off while calls are under way, and says how long it was on", () => {
    const { log, entries, pass } = setUp();
    log.setEnabled(true);
    log.setEnabled(true);
    assert.equal(log.forCall(call).active, true);
    pass(90_000);
    log.setEnabled(false);
    assert.equal(log.forCall(call).active, false);
    assert.equal(entries.length, 2);
    assert.match(entries[1] ?? "", /^warn auth_logging is off, after 90 s/);
  });

  it("reminds every half hour that it is on, and no more once it is off", () => {
    const { log, entries, pass } = setUp({ enabled: true });
    pass(REMINDER_MS - 1);
    assert.equal(entries.length, 1);
    pass(1);
    pass(REMINDER_MS);
    assert.deepEqual(
      entries.slice(1),
      [30, 60].map(
        (minutes) => `warn auth_logging has been on for ${minutes} min: turn it off when the fault is found`,
      ),
    );
    log.setEnabled(false);
    pass(REMINDER_MS * 3);
    assert.equal(entries.length, 4);
    assert.match(entries[3] ?? "", /^warn auth_logging is off, after 60 min/);
  });

  it("shows binary, streamed and huge bodies by their size", () => {
    const { log, parsed } = setUp({ enabled: true });
    const entry = log.forCall(call);
    entry.request(1, { ...request, body: Buffer.from([0xff, 0xfe, 0]) });
    entry.request(2, { ...request, body: Readable.from(["x"]), headers: { "content-length": "7" } });
    entry.request(3, { ...request, body: "ü".repeat(100_000), headers: {} });
    entry.request(4, { ...request, body: Buffer.from("ü".repeat(1_000_000)), headers: {} });
    entry.request(5, { method: "GET", protocol: "http:", hostname: "h", path: "/", headers: {} });
    assert.equal(parsed(2, "FULL_BODY").bodyNote, "binary, 3 bytes not shown");
    assert.deepEqual(parsed(4, "FULL_BODY"), {
      callId: "c1",
      attempt: 2,
      contentLength: "7",
      bodyNote: "streamed, not shown",
    });
    assert.equal(parsed(6, "FULL_BODY").body.length, 65_536);
    assert.equal(parsed(6, "FULL_BODY").bodyNote, "the first 65536 characters of 200000 bytes");
    assert.equal(parsed(8, "FULL_BODY").body, "ü".repeat(65_536));
    assert.deepEqual(parsed(10, "FULL_BODY"), { callId: "c1", attempt: 5, contentLength: 0 });
  });

  it("keeps an entry one line, whatever the body holds", () => {
    const { log, entries } = setUp({ enabled: true });
    log.forCall(call).request(1, { ...request, body: "a\r\nFULL_REQUEST forged" });
    assert.ok(entries.every((entry) => !/[\r\n]/.test(entry)));
  });
});
