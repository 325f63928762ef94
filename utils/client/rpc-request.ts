/** Owns the requests of protocols that always POST to one path: awsJson, awsQuery, ec2Query. */
import { NormalizedSchema } from "@smithy/core/schema";
import type { OperationModel } from "../models/operation-model";
import type { HttpRequest } from "../types/http";
import type { Endpoint } from "./endpoint";
import { isQueryProtocol, type QueryProtocol, queryBody } from "./query-body";

/** The serializer of a protocol class: what was written stays in it until it is flushed. */
export interface BodySerializer {
  write(schema: unknown, input: object, ...inside: unknown[]): void;
  flush(): string | Uint8Array | undefined;
}

/** What all requests of one operation have in common. */
interface RpcForm {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the input; undefined where there is none to be written. */
  readonly shape: NormalizedSchema | undefined;
  /** Who writes the body; undefined where the serializer does. */
  readonly query: QueryProtocol | undefined;
  /** The body where nothing is written. */
  readonly empty: string;
  /** Comes before what is written. */
  readonly prefix: string;
}

const JSON_VERSIONS: Readonly<Record<string, string>> = { AwsJson1_0Protocol: "1.0", AwsJson1_1Protocol: "1.1" };

/** Text goes out in one piece with the headers; bytes are a piece of their own, which is worth it when they are many. */
const LONGEST_TEXT = 4096;

/**
 * Makes the requests of one instance's operations. The protocol classes do the same behind half a dozen promises; bodies
 * of JSON are written by their serializers here, too.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
export class RpcRequests {
  readonly #forms = new WeakMap<OperationModel, RpcForm | "other">();

  /**
   * @param serializer - of the service's protocol class, asked for where it is needed
   * @returns undefined where the request has more to it: another protocol, a stream of events, a prefix of the host
   * @throws what the serializer throws
   */
  make(
    operation: OperationModel,
    input: Record<string, unknown>,
    { protocol, hostname, port, path, headers }: Endpoint,
    serializer: () => BodySerializer,
  ): HttpRequest | undefined {
    const form = this.#form(operation);
    if (form === "other") return undefined;
    const body = bodyOf(form, input, serializer);
    // Filled one by one: V8 keeps a copy that grows in a form where each header that is added costs ten times as much.
    const own: Record<string, string> = {};
    for (const name of Object.keys(headers)) own[name] = headers[name] as string;
    for (const name of Object.keys(form.headers)) own[name] = form.headers[name] as string;
    const request: HttpRequest = {
      method: "POST",
      protocol,
      hostname,
      path: path.endsWith("/") ? path : `${path}/`,
      headers: own,
      body,
    };
    if (port !== undefined) request.port = port;
    return request;
  }

  #form(operation: OperationModel): RpcForm | "other" {
    let form = this.#forms.get(operation);
    if (form === undefined) {
      form = formOf(operation);
      this.#forms.set(operation, form);
    }
    return form;
  }
}

function bodyOf(form: RpcForm, input: object, serializer: () => BodySerializer): string | Uint8Array {
  const { shape, query, empty, prefix } = form;
  if (shape === undefined) return empty;
  return query === undefined ? written(serializer(), shape, empty, input) : prefix + queryBody(query, shape, input);
}

function written(
  serializer: BodySerializer,
  shape: NormalizedSchema,
  empty: string,
  input: object,
): string | Uint8Array {
  try {
    serializer.write(shape.getSchema(), input);
  } catch (cause) {
    forget(serializer);
    throw cause;
  }
  const body = serializer.flush();
  if (body === undefined || body.length === 0) return empty;
  if (typeof body === "string") return body;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.length > LONGEST_TEXT ? bytes : bytes.toString("utf8");
}

/**
 * For a serializer that others write with: what could not be written is forgotten before anybody else has a turn, which a
 * promise that is rejected would be too late for.
 */
export function keepNoHalves(serializer: BodySerializer): void {
  const write = serializer.write.bind(serializer);
  serializer.write = (...given) => {
    try {
      write(...given);
    } catch (cause) {
      forget(serializer);
      throw cause;
    }
  };
}

/** The serializer of a query goes on where it was: half a request would stand at the head of somebody else's. */
function forget(serializer: BodySerializer): void {
  try {
    serializer.flush();
  } catch {
    // Nothing was written yet.
  }
}

function formOf({ service, name, schema, input, eventStreamInput }: OperationModel): RpcForm | "other" {
  const { protocol, protocolSettings } = service;
  const shape = NormalizedSchema.of(input);
  const { traits } = schema;
  const query = isQueryProtocol(protocol) ? protocol : undefined;
  const version = JSON_VERSIONS[protocol];
  const hasHostPrefix = typeof traits === "object" && "endpoint" in traits;
  if (eventStreamInput !== undefined || hasHostPrefix || (query ?? version) === undefined) return "other";
  const written = shape.isUnitSchema() ? undefined : shape;
  if (query !== undefined) {
    const action = `Action=${name}&Version=${protocolSettings["version"]}`;
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { headers, shape: written, query, empty: action, prefix: action };
  }
  const headers = {
    "content-type": `application/x-amz-json-${version}`,
    "x-amz-target": `${protocolSettings["serviceTarget"]}.${name}`,
    ...(protocolSettings["awsQueryCompatible"] ? { "x-amzn-query-mode": "true" } : {}),
  };
  return { headers, shape: written, query, empty: "{}", prefix: "" };
}
