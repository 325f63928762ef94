/** Owns the comparison of our requests with botocore's, an independent serializer with models of its own: equal in meaning. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { readPlainXml } from "../../utils/client/read-plain-xml";
import { AdapterError } from "../../utils/errors/adapter-error";
import { wirePath } from "../../utils/http/wire-path";
import type { OperationModel } from "../../utils/models/operation-model";
import type { HttpRequest } from "../../utils/types/http";
import { need, pythonWith } from "../support/needs";
import { fixture, models } from "../unit/client/client-fixture";
import { Choices } from "../unit/client/random-values";
import KNOWN from "./botocore-differences.json";
import { askPython } from "./python";
import { randomInput } from "./random-input";

/** `FULL_DIFFERENTIAL=1` compares every operation of every service; without it a sample that another day may draw otherwise. */
const FULL = Number(process.env["FULL_DIFFERENTIAL"] ?? 0) > 0;
const SAMPLE = 6;

/** botocore's names of the services whose folder is called otherwise. */
const BOTOCORE_NAMES: Readonly<Record<string, string>> = {
  "api-gateway": "apigateway",
  "auto-scaling": "autoscaling",
  "cloudwatch-logs": "logs",
  "config-service": "config",
  "cost-explorer": "ce",
  "direct-connect": "directconnect",
  "elastic-load-balancing-v2": "elbv2",
  eventbridge: "events",
  "route-53": "route53",
  "s3-control": "s3control",
  "secrets-manager": "secretsmanager",
  "service-catalog": "servicecatalog",
  sfn: "stepfunctions",
};

interface Theirs {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly error?: string;
  /** The operation is not in its model. */
  readonly missing?: true;
  /** What was left of the input, and what its model does not know of it. */
  readonly input: unknown;
  readonly dropped: readonly string[];
}

/** Headers that name the sender, carry the date, or follow from the rest. */
const NOT_COMPARED =
  /^(?:authorization|x-amz-date|user-agent|x-amz-user-agent|amz-sdk-.*|content-length|host|accept|accept-encoding|expect|x-amz-content-sha256|content-md5|x-amz-checksum-.*|x-amz-sdk-checksum-algorithm|x-amz-trailer|x-amz-decoded-content-length|content-encoding|transfer-encoding)$/;
/** botocore's model of CloudTrail has the Java package before the target; AWS takes both, its own clients send the short one. */
const PACKAGE = /^com\.amazonaws\.[\w.]*\.(?=\w+\.\w+$)/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

const meant = (text: string): string => text.replace(UUID, "UUID").replace(/(T\d\d:\d\d:\d\d)\.000Z/g, "$1Z");

function meaning(value: unknown): unknown {
  if (typeof value === "string") return meant(value);
  if (Array.isArray(value)) return value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, meaning(member)]),
  );
}

function bodyMeaning(text: string, contentType: string): unknown {
  if (text === "") return "";
  if (contentType === "application/x-www-form-urlencoded")
    return [...new URLSearchParams(text)].map(([name, value]) => `${name}=${meant(value)}`).sort();
  if (text.startsWith("{") || text.startsWith("[")) {
    try {
      return meaning(JSON.parse(text));
    } catch {
      return text;
    }
  }
  return text.startsWith("<") ? meaning(readPlainXml(text)) : meant(text);
}

interface Comparable extends Readonly<Record<string, unknown>> {
  readonly contentType?: string;
}

function comparable(method: string, url: string, given: Readonly<Record<string, string>>, body: Buffer): Comparable {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!NOT_COMPARED.test(name.toLowerCase()))
      headers[name.toLowerCase()] = meant(String(value)).replace(PACKAGE, "").replaceAll(", ", ",");
  }
  const { "content-type": type = "", ...others } = headers;
  const contentType = type.split(";")[0] ?? "";
  const { host, pathname, searchParams } = new URL(url);
  // x-id tells AWS's clients apart, and nothing of the call.
  const query = [...searchParams]
    .filter(([name]) => name !== "x-id")
    .map(([name, value]) => `${name}=${meant(value)}`)
    .sort();
  const said = bodyMeaning(body.toString("utf8"), contentType);
  // A request without a body says nothing by the type of it.
  return {
    method,
    host,
    path: decodeURIComponent(pathname).replace(/(?<=.)\/$/, ""),
    query,
    headers: others,
    body: said,
    ...(said === "" ? {} : { contentType }),
  };
}

function jsonable(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(jsonable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonable(member)]));
}

function native(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(native);
  if (typeof value !== "object" || value === null) return value;
  if ("$date" in value) return new Date(value.$date as number);
  if ("$bytes" in value) return new Uint8Array(Buffer.from(value.$bytes as string, "base64"));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, native(member)]));
}

async function ourRequest(operation: OperationModel, input: unknown): Promise<Comparable> {
  const stop = new AdapterError("ABORTED", { waitedFor: "the test", reason: "sent" });
  const { client, handler, options } = fixture(() => stop, { endpoint: { region: "eu-west-1" } });
  await client.send(operation.service.name, operation.name, input, options()).catch((error: unknown) => {
    if (error !== stop) throw error;
  });
  const { method, hostname, port, protocol, headers, body, ...request } = handler.requests[0] as HttpRequest;
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body as Uint8Array);
  return comparable(method, `${protocol}//${host}${wirePath(request as HttpRequest)}`, headers, bytes);
}

describe("requests, by botocore", () => {
  need(pythonWith("botocore"));
  const known = KNOWN as Readonly<Record<string, Readonly<Record<string, string>>>>;

  for (const service of models.services()) {
    it(`of ${service} mean the same`, async function () {
      this.timeout(600_000);
      const names = models.service(service).operationNames();
      const every = FULL ? 1 : Math.max(1, Math.floor(names.length / SAMPLE));
      const chosen = names.filter((_, index) => index % every === 0);
      const cases = chosen.map((name) => {
        const operation = models.service(service).operation(name);
        const input = randomInput(NormalizedSchema.of(operation.input), new Choices(names.indexOf(name) + 7), service);
        return { operation, input };
      });
      const calls = cases.map(({ operation, input }) => ({
        ...{ service: BOTOCORE_NAMES[service] ?? service, operation: operation.name, input: jsonable(input) },
      }));
      const answers = await askPython<Theirs[]>("botocore_serialize.py", [], JSON.stringify(calls));
      const differences: Record<string, string> = {};
      const drifted: unknown[] = [];
      let compared = 0;
      for (const [index, { operation }] of cases.entries()) {
        const theirs = answers[index] as Theirs;
        if (theirs.missing || theirs.dropped.length > 0)
          drifted.push(theirs.missing ? operation.name : theirs.dropped[0]);
        if (theirs.missing) continue;
        const ours = await ourRequest(operation, native(theirs.input)).catch((error: unknown) => error as Error);
        // What is left of an input may lack what is required.
        if (ours instanceof Error && (theirs.error !== undefined || theirs.dropped.length > 0)) continue;
        try {
          if (ours instanceof Error) throw ours;
          assert.equal(theirs.error, undefined);
          const { method = "", url = "", headers = {}, body = "" } = theirs;
          const expected = comparable(method, url, headers, Buffer.from(body, "base64"));
          // It leaves the type of XML to be guessed.
          assert.deepEqual(expected.contentType === "" ? { ...ours, contentType: "" } : ours, expected);
          compared++;
        } catch (error) {
          differences[operation.name] = (error as Error).message;
        }
      }
      const reasons = known[service] ?? {};
      const unknown = Object.entries(differences).filter(([name]) => reasons[name] === undefined);
      assert.deepEqual(
        unknown.slice(0, 4),
        [],
        `${unknown.length} differ (${unknown.map(([name]) => name)}), ${compared} are equal`,
      );
      const stale = Object.keys(reasons).filter((name) => chosen.includes(name) && differences[name] === undefined);
      assert.deepEqual(stale, [], "these do not differ any more: take them off the list");
      assert.ok(compared > 2, `compared only ${compared}`);
      if (FULL)
        console.error(`      ${compared} of ${chosen.length}; unknown to botocore: ${drifted.join(", ") || "nothing"}`);
    });
  }
});
