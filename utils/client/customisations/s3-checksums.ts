/** Owns the checksums of S3: one on every request that can carry one, and the check of the answer's. */
import { Readable } from "node:stream";
import { AdapterError } from "../../errors/adapter-error";
import type { HttpRequest } from "../../types/http";
import { RepeatableStream } from "../repeatable-stream";
import { awsChunked } from "./aws-chunked";
import { type Checksum, checksumOf, openChecksum } from "./checksum";
import type {
  BodyWatch,
  BufferedResponse,
  CustomisationContext,
  CustomisationFactory,
  NativeInput,
} from "./customisation";

/** The `httpChecksum` trait of an operation. https://smithy.io/2.0/aws/aws-core.html#aws-protocols-httpchecksum-trait */
interface ChecksumOptions {
  readonly requestAlgorithmMember?: { readonly name: string; readonly httpHeader?: string };
  readonly requestChecksumRequired?: boolean;
  readonly requestValidationModeMember?: string;
  readonly responseAlgorithms?: readonly string[];
}

const DEFAULT_ALGORITHM = "CRC32";
const GIVEN_CHECKSUM = /^x-amz-checksum-(?!type$|algorithm$)/;

export const flexibleChecksums: CustomisationFactory = (given) => {
  const options = given as ChecksumOptions;
  const { requestValidationModeMember: mode } = options;
  return {
    input: (input) => (mode === undefined || input[mode] !== undefined ? input : { ...input, [mode]: "ENABLED" }),
    request: (request, input, context) => addChecksum(options, request, input, context),
    watch: (head, context) => watchAnswer(options.responseAlgorithms ?? [], head, context),
    response: (response, context) => checkAnswer(options.responseAlgorithms ?? [], response, context),
  };
};

async function addChecksum(
  { requestAlgorithmMember: member, requestChecksumRequired }: ChecksumOptions,
  request: HttpRequest,
  input: NativeInput,
  { operation, purpose }: CustomisationContext,
): Promise<void> {
  const { headers, body } = request;
  if (member === undefined && !requestChecksumRequired) return;
  if (purpose === "presign" && body === undefined) return;
  if (Object.keys(headers).some((name) => GIVEN_CHECKSUM.test(name))) return;
  const asked = member === undefined ? undefined : (input[member.name] as string | undefined);
  const algorithm = asked ?? DEFAULT_ALGORITHM;
  if (openChecksum(algorithm) === undefined) {
    const reason = `the checksum algorithm ${algorithm} is not supported`;
    throw new AdapterError("REQUEST_UNSERIALIZABLE", {
      service: operation.service.name,
      operation: operation.name,
      reason,
    });
  }
  if (asked === undefined && member?.httpHeader !== undefined) headers[member.httpHeader] = algorithm;
  const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
  if (body instanceof Readable) await addTrailer(request, body, algorithm, header);
  else headers[header] = (await checksumOf(algorithm, body ?? "")) as string;
}

/** A body that is read while it is sent has its checksum behind it. */
async function addTrailer(request: HttpRequest, body: Readable, algorithm: string, header: string): Promise<void> {
  const { headers } = request;
  const source = body instanceof RepeatableStream ? body : onceOnly(body, Number(headers["content-length"]));
  const open = (): Checksum => openChecksum(algorithm) as Checksum;
  const checksumBytes = (await open().digest()).length;
  request.body = awsChunked(source, header, checksumBytes, open);
  const encodings = headers["content-encoding"];
  headers["content-encoding"] = encodings === undefined ? "aws-chunked" : `${encodings},aws-chunked`;
  headers["x-amz-decoded-content-length"] = String(source.bytes);
  headers["x-amz-trailer"] = header;
  headers["x-amz-content-sha256"] = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
}

/** A stream of the caller's own; the client does not repeat it. */
const onceOnly = (body: Readable, bytes: number): RepeatableStream => new RepeatableStream(bytes, () => body);

type Head = Pick<BufferedResponse, "statusCode" | "headers">;

/**
 * The first checksum of an answer that is known here; one of a multipart upload (`…-3`) is over the parts' checksums,
 * and one of a part of an object (206) is over the whole.
 */
function watchAnswer(
  algorithms: readonly string[],
  head: Head,
  { operation }: CustomisationContext,
): BodyWatch | undefined {
  if (head.statusCode >= 300 || head.statusCode === 206) return undefined;
  for (const algorithm of algorithms) {
    const expected = head.headers[`x-amz-checksum-${algorithm.toLowerCase()}`];
    if (expected === undefined || expected.includes("-")) continue;
    const checksum = openChecksum(algorithm);
    if (checksum === undefined) continue;
    return {
      update: (part) => checksum.update(part),
      end: async () => {
        if (Buffer.from(await checksum.digest()).toString("base64") === expected) return;
        const { service, name } = operation;
        throw new AdapterError("CHECKSUM_MISMATCH", { service: service.name, operation: name, found: algorithm });
      },
    };
  }
  return undefined;
}

async function checkAnswer(
  algorithms: readonly string[],
  response: BufferedResponse,
  context: CustomisationContext,
): Promise<void> {
  const watch = watchAnswer(algorithms, response, context);
  watch?.update(response.body);
  await watch?.end();
}
