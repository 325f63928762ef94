/** Owns the reading of an answer that AWS meant as a success: whichever protocol, JSON-safe output comes out. */
import { Readable } from "node:stream";
import { NormalizedSchema } from "@smithy/core/schema";
import type { OperationModel } from "../models/operation-model";
import type { HttpResponse } from "../types/http";
import { refuseForeign, refuseNothing, refusePageInPlaceOfBytes } from "./foreign-answer";
import type { Protocols } from "./protocols";
import { quoteBigIntegers } from "./quote-big-integers";
import { hasPlan, JsonReader } from "./read-json";
import { type XmlLayout, XmlReader } from "./read-xml";
import { bodyText } from "./streamed-body";
import { OutputWriter } from "./write-output";

const NO_BODY = Buffer.alloc(0);
const MOST_BYTES_AT_ONCE = 256 * 1024;

/** Where the members of an answer come from; worked out once for each operation. */
interface AnswerParts {
  /** Shape of what stands in the body: the output itself, or the member that is the whole payload. */
  readonly body: NormalizedSchema | undefined;
  readonly payloadMember: string | undefined;
  /** Members that come from headers or the status, which the protocol class reads. */
  readonly bound: readonly string[];
}

/** An answer whose events are still to come. */
export interface OpenEvents {
  readonly output: Record<string, unknown>;
  readonly events: AsyncIterable<Record<string, unknown>>;
  readonly names: ReadonlySet<string>;
}

/** Reads the answers of one client. Own readers for bodies of XML and JSON, the protocol classes for the rest. */
export class OutputReader {
  readonly #xml = new XmlReader();
  readonly #json = { json: new JsonReader("member"), restJson: new JsonReader("jsonName") } as const;
  readonly #writer = new OutputWriter();
  readonly #parts = new WeakMap<OperationModel, AnswerParts | "protocol">();

  constructor(readonly protocols: Protocols) {}

  /**
   * @param response - status below 300, body buffered
   * @returns JSON-safe output; a promise of it where the protocol class reads
   * @throws whatever the readers throw when the body is not what it should be; see `unreadable` in service-error.ts
   */
  read(
    operation: OperationModel,
    response: HttpResponse & { readonly body: Buffer },
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    const output = NormalizedSchema.of(operation.output);
    const format = this.protocols.format(operation.service);
    // These always answer with a document, if only one with a request id: without it, nothing says that AWS did the work.
    if (format === "ec2Query" || format === "awsQuery") {
      const resultElement = format === "awsQuery" ? { resultElement: `${operation.name}Result` } : {};
      return this.#readXml(output, response.body, { rootSuffix: "Response", ...resultElement });
    }
    if (response.body.length === 0) refuseNothing(response, output);
    else if (format !== "json") refuseForeign(response, output);
    if (output.isUnitSchema()) {
      if (format === "json" && response.body.length > 0) JSON.parse(response.body.toString("utf8"));
      return {};
    }
    if (format === "restXml" && operation.streamingOutput === undefined) {
      const parts = this.#partsOf(operation, output, xmlParts);
      if (parts !== "protocol") return this.#readRestXml(operation, output, response, parts);
    }
    if (format === "json" || format === "restJson") return this.#readJson(operation, output, response, format);
    return this.#readByProtocol(operation, output, response);
  }

  /** At once, where no member comes from a header. */
  #readJson(
    operation: OperationModel,
    shape: NormalizedSchema,
    response: HttpResponse & { readonly body: Buffer },
    format: "json" | "restJson",
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    const text = quoteBigIntegers(response.body.toString("utf8"));
    const parts = this.#partsOf(operation, shape, format === "json" ? jsonParts : restJsonParts);
    if (parts === "protocol") return this.#readByProtocol(operation, shape, { ...response, body: Buffer.from(text) });
    const members = text === "" ? {} : this.#json[format].read(shape, text);
    // An answer that is no object is left to the protocol class to make sense of.
    if (members === undefined) return this.#readByProtocol(operation, shape, response);
    return parts.bound.length === 0 ? members : this.#withBound(operation, shape, response, members, parts.bound);
  }

  async #withBound(
    operation: OperationModel,
    shape: NormalizedSchema,
    response: HttpResponse,
    members: Record<string, unknown>,
    bound: readonly string[],
  ): Promise<Record<string, unknown>> {
    // What belongs into a header counts nothing in the body.
    for (const name of bound) delete members[name];
    return { ...(await this.#readByProtocol(operation, shape, { ...response, body: NO_BODY })), ...members };
  }

  /**
   * An output whose streamed body is dealt with apart.
   * @param member - `Body` and the like
   * @param body - the bytes, or what stands in their place
   */
  async readStreaming(
    operation: OperationModel,
    response: HttpResponse,
    member: string,
    body: Uint8Array | { readonly file: string; readonly bytes: number },
  ): Promise<Record<string, unknown>> {
    if (body instanceof Uint8Array) refusePageInPlaceOfBytes(response.headers, body);
    // The protocol class insists on a stream for the member; headers and status are what it is asked for.
    const native = await this.protocols.deserialize(operation, { ...response, body: Readable.from([]) });
    delete native[member];
    const output = this.#writer.write(NormalizedSchema.of(operation.output), native);
    if (!(body instanceof Uint8Array)) return { ...output, [member]: body };
    const { text, encoding } = bodyText(body);
    return { ...output, [member]: text, [`${member}Encoding`]: encoding };
  }

  /**
   * An output with a member whose events come one after the other.
   * @param frames - of the body
   * @returns the output without that member; the events, JSON-safe, as they are asked for; the names that they may have
   */
  async readEvents(
    operation: OperationModel,
    response: Pick<HttpResponse, "statusCode" | "headers">,
    member: string,
    frames: AsyncIterable<Uint8Array>,
  ): Promise<OpenEvents> {
    const shape = NormalizedSchema.of(operation.output);
    const native = await this.protocols.openEvents(operation, response, frames);
    const events = (native[member] ?? []) as AsyncIterable<Record<string, unknown>>;
    delete native[member];
    const output = this.#writer.write(shape, native);
    const eventShape = shape.getMemberSchema(member);
    const names = new Set([...eventShape.structIterator()].map(([name]) => name));
    return { output, events: this.#written(eventShape, events), names };
  }

  async *#written(
    shape: NormalizedSchema,
    events: AsyncIterable<Record<string, unknown>>,
  ): AsyncGenerator<Record<string, unknown>, void, undefined> {
    for await (const event of events) yield this.#writer.write(shape, event);
  }

  async #readByProtocol(
    operation: OperationModel,
    shape: NormalizedSchema,
    response: HttpResponse,
  ): Promise<Record<string, unknown>> {
    return this.#writer.write(shape, await this.protocols.deserialize(operation, response));
  }

  async #readRestXml(
    operation: OperationModel,
    shape: NormalizedSchema,
    response: HttpResponse & { readonly body: Buffer },
    { body, payloadMember, bound }: AnswerParts,
  ): Promise<Record<string, unknown>> {
    const output = bound.length > 0 ? await this.#readByProtocol(operation, shape, { ...response, body: NO_BODY }) : {};
    if (body === undefined || response.body.length === 0) return output;
    const members = await this.#readXml(body, response.body, {});
    return payloadMember === undefined ? { ...output, ...members } : { ...output, [payloadMember]: members };
  }

  /** At once, where that takes no longer than a few milliseconds. */
  #readXml(
    shape: NormalizedSchema,
    body: Buffer,
    layout: XmlLayout,
  ): Record<string, unknown> | Promise<Record<string, unknown>> {
    if (body.length > MOST_BYTES_AT_ONCE) return this.#xml.readInSlices(shape, body, layout);
    return this.#xml.read(shape, body, layout);
  }

  #partsOf(
    operation: OperationModel,
    output: NormalizedSchema,
    work: (output: NormalizedSchema) => AnswerParts | "protocol",
  ): AnswerParts | "protocol" {
    let parts = this.#parts.get(operation);
    if (parts === undefined) {
      parts = work(output);
      this.#parts.set(operation, parts);
    }
    return parts;
  }
}

const isBound = ([, member]: [string, NormalizedSchema]): boolean => {
  const { httpHeader, httpPrefixHeaders, httpResponseCode } = member.getMergedTraits();
  return httpHeader !== undefined || httpPrefixHeaders !== undefined || Boolean(httpResponseCode);
};

/** @returns `protocol` when the payload is text or bytes or has no element around it, which the protocol class reads */
function xmlParts(output: NormalizedSchema): AnswerParts | "protocol" {
  const members = [...output.structIterator()];
  const payload = members.find(([, member]) => member.getMergedTraits().httpPayload);
  if (payload !== undefined && !payload[1].isStructSchema()) return "protocol";
  // The root element may itself be the member: `<LocationConstraint>eu-west-1</LocationConstraint>`.
  const { xmlName } = output.getMergedTraits();
  if (members.some(([name]) => name === xmlName)) return "protocol";
  const bound = members.filter(isBound).map(([name]) => name);
  const inBody = bound.length < members.length;
  return { body: payload?.[1] ?? (inBody ? output : undefined), payloadMember: payload?.[0], bound };
}

/** @returns `protocol` when a shape has no plan, which the protocol class reads */
function jsonParts(output: NormalizedSchema): AnswerParts | "protocol" {
  return hasPlan(output) ? { body: output, payloadMember: undefined, bound: [] } : "protocol";
}

/** @returns `protocol` when besides no member stands in the body, or one is the whole of it */
function restJsonParts(output: NormalizedSchema): AnswerParts | "protocol" {
  const members = [...output.structIterator()];
  const bound = members.filter(isBound).map(([name]) => name);
  const hasPayload = members.some(([, member]) => member.getMergedTraits().httpPayload);
  return hasPayload || bound.length === members.length || !hasPlan(output)
    ? "protocol"
    : { body: output, payloadMember: undefined, bound };
}
