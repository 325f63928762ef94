/** Owns the SDK's protocol classes: the one file that imports them, and one instance of the right class for each service. */
import { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";
import type { ServiceModel } from "../models/service-model";
import type { HttpRequest, HttpResponse } from "../types/http";
import { lazy } from "../types/lazy";
import type { Endpoint } from "./endpoint";
import { illFormedInput } from "./ill-formed-text";
import { type BodySerializer, RpcRequests } from "./rpc-request";

/** What is used of a protocol class. */
interface Protocol {
  setSerdeContext(context: object): void;
  serializeRequest(schema: object, input: object, context: object): Promise<unknown>;
  deserializeResponse(schema: object, context: object, response: object): Promise<Record<string, unknown>>;
}

/** What its types keep from others. */
interface RpcProtocol {
  readonly serializer: BodySerializer;
}

type ProtocolClass = new (settings: never) => Protocol;

/** In which form the answers of a protocol are read. */
export type BodyFormat = "ec2Query" | "awsQuery" | "restXml" | "json" | "restJson" | "other";

interface KnownProtocol {
  readonly className: keyof typeof import("@aws-sdk/core/protocols");
  readonly format: BodyFormat;
}

const PROTOCOLS: Readonly<Record<string, KnownProtocol>> = {
  AwsEc2QueryProtocol: { className: "AwsEc2QueryProtocol", format: "ec2Query" },
  AwsQueryProtocol: { className: "AwsQueryProtocol", format: "awsQuery" },
  AwsRestXmlProtocol: { className: "AwsRestXmlProtocol", format: "restXml" },
  // The S3 client's own class adds one check, which reading the input does for every label.
  S3RestXmlProtocol: { className: "AwsRestXmlProtocol", format: "restXml" },
  AwsJson1_0Protocol: { className: "AwsJson1_0Protocol", format: "json" },
  AwsJson1_1Protocol: { className: "AwsJson1_1Protocol", format: "json" },
  AwsRestJsonProtocol: { className: "AwsRestJsonProtocol", format: "restJson" },
  AwsSmithyRpcV2CborProtocol: { className: "AwsSmithyRpcV2CborProtocol", format: "other" },
};

/** Put off: they are most of what the SDK brings, and a call of a query protocol that succeeds has no need of them. */
const protocolClasses = lazy(() => require("@aws-sdk/core/protocols") as typeof import("@aws-sdk/core/protocols"));
const messages = lazy(() => require("@smithy/core/protocols") as typeof import("@smithy/core/protocols"));

const coders = lazy(() => ({ encoder: new TextEncoder(), decoder: new TextDecoder() }));

/** What the classes ask of their surroundings; the coders are for event streams. */
const SERDE_CONTEXT = {
  streamCollector: collect,
  utf8Encoder: (bytes: Uint8Array | string) => (typeof bytes === "string" ? bytes : coders().decoder.decode(bytes)),
  utf8Decoder: (text: string) => coders().encoder.encode(text),
};

/** The protocols of one instance's services. Nothing is registered in the SDK's process-wide registries. */
export class Protocols {
  readonly #rpc = new RpcRequests();
  readonly #instances = new WeakMap<ServiceModel, Map<Endpoint["host"], Protocol>>();

  format(service: ServiceModel): BodyFormat {
    return known(service).format;
  }

  /**
   * @param input - native values
   * @returns at once, where the protocol has nothing to wait for
   * @throws AdapterError `REQUEST_UNSERIALIZABLE`, or `INVALID_INPUT` for text that UTF-8 cannot hold
   */
  serialize(
    operation: OperationModel,
    input: Record<string, unknown>,
    endpoint: Endpoint,
  ): HttpRequest | Promise<HttpRequest> {
    const { service } = operation;
    try {
      const serializer = (): BodySerializer => (this.#of(service, endpoint.host) as unknown as RpcProtocol).serializer;
      const request = this.#rpc.make(operation, input, endpoint, serializer);
      return request ?? this.#serialize(operation, input, endpoint);
    } catch (cause) {
      throw unserializable(operation, input, cause);
    }
  }

  async #serialize(
    operation: OperationModel,
    input: Record<string, unknown>,
    endpoint: Endpoint,
  ): Promise<HttpRequest> {
    const { service, name, schema } = operation;
    try {
      const request = await this.#of(service, endpoint.host).serializeRequest(schema, input, {
        endpoint: () => endpoint,
        // Read by the CBOR protocol only.
        __smithy_context: { service: service.protocolSettings["serviceTarget"], operation: name },
      });
      return withPlainBody(request as HttpRequest);
    } catch (cause) {
      throw unserializable(operation, input, cause);
    }
  }

  /**
   * @returns native output with `$metadata`
   * @throws what the protocol throws: an error with AWS's code as its name, or whatever its parser says
   */
  deserialize(operation: OperationModel, response: HttpResponse): Promise<Record<string, unknown>> {
    const { statusCode, headers } = response;
    // The class writes into the headers, and changes the prototype of the bytes that it is given.
    const body =
      response.body instanceof Uint8Array
        ? new Uint8Array(response.body.buffer, response.body.byteOffset, response.body.byteLength)
        : response.body;
    const answer = new (messages().HttpResponse)({ statusCode, headers: { ...headers }, body });
    return this.#of(operation.service, "aws").deserializeResponse(operation.schema, SERDE_CONTEXT, answer);
  }

  /**
   * Opens a stream of events.
   * @param frames - whole messages; nothing is read ahead of what is asked for
   * @returns native output, whose member of events is an iterable
   * @throws what {@link Protocols.deserialize} throws, and whatever the frames throw, then or while the events are read
   */
  openEvents(
    operation: OperationModel,
    { statusCode, headers }: Pick<HttpResponse, "statusCode" | "headers">,
    frames: AsyncIterable<Uint8Array>,
  ): Promise<Record<string, unknown>> {
    const answer = new (messages().HttpResponse)({ statusCode, headers: { ...headers }, body: frames });
    return this.#of(operation.service, "aws").deserializeResponse(operation.schema, SERDE_CONTEXT, answer);
  }

  #of(service: ServiceModel, host: Endpoint["host"]): Protocol {
    let byHost = this.#instances.get(service);
    if (byHost === undefined) {
      byHost = new Map();
      this.#instances.set(service, byHost);
    }
    let instance = byHost.get(host);
    if (instance === undefined) {
      const ProtocolOfService = protocolClasses()[known(service).className] as unknown as ProtocolClass;
      instance = new ProtocolOfService({ ...service.protocolSettings, errorTypeRegistries: [] } as never);
      // Nobody answers to a prefixed name of a host of one's own.
      instance.setSerdeContext({ ...SERDE_CONTEXT, disableHostPrefix: host === "own" });
      byHost.set(host, instance);
    }
    return instance;
  }
}

function unserializable(operation: OperationModel, input: object, cause: unknown): AdapterError {
  const illFormed = illFormedInput(operation, input, cause);
  if (illFormed !== undefined) return illFormed;
  const { service, name } = operation;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AdapterError("REQUEST_UNSERIALIZABLE", { service: service.name, operation: name, reason }, { cause });
}

/** The JSON codec's bytes are of a class that complains when they are looked at as text. */
function withPlainBody(request: HttpRequest): HttpRequest {
  const { body } = request;
  if (body instanceof Uint8Array) request.body = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return request;
}

function known(service: ServiceModel): (typeof PROTOCOLS)[string] {
  const entry = PROTOCOLS[service.protocol];
  if (entry === undefined) {
    throw new AdapterError("MODEL_UNREADABLE", {
      service: service.name,
      reason: `unknown protocol ${service.protocol}`,
    });
  }
  return entry;
}

async function collect(stream: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream ?? []) parts.push(part);
  return Buffer.concat(parts);
}
