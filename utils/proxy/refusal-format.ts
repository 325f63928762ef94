/** Owns the dialects that AWS's services speak errors in, and the proxy's refusals in each of them. */
import { lazy } from "../types/lazy";
import { type ProxyRefusal, refusalNames } from "./proxy-refusal";

export type Dialect = "s3" | "restXml" | "ec2Query" | "awsQuery" | "awsJson" | "restJson" | "cbor";

/** By class name in `@aws-sdk/core/protocols`, as the entity folders give it. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  S3RestXmlProtocol: "s3",
  AwsRestXmlProtocol: "restXml",
  AwsEc2QueryProtocol: "ec2Query",
  AwsQueryProtocol: "awsQuery",
  AwsJson1_0Protocol: "awsJson",
  AwsJson1_1Protocol: "awsJson",
  AwsRestJsonProtocol: "restJson",
  AwsSmithyRpcV2CborProtocol: "cbor",
};

/**
 * The request says it best, as several services speak two protocols; else the service's model does.
 * @param headers - of the request, names in lower case
 * @param service - as it is signed for; none when the request had no readable signature
 * @param protocolOf - of the model of a service, where there is one
 */
export function dialectOf(
  headers: Readonly<Record<string, string>>,
  service: string | undefined,
  protocolOf: (service: string) => string | undefined,
): Dialect {
  const type = headers["content-type"] ?? "";
  if (headers["smithy-protocol"] === "rpc-v2-cbor") return "cbor";
  if (headers["x-amz-target"] !== undefined || type.startsWith("application/x-amz-json")) return "awsJson";
  if (service === undefined) return "restJson";
  if (type.startsWith("application/x-www-form-urlencoded")) return service === "ec2" ? "ec2Query" : "awsQuery";
  if (service.startsWith("s3")) return "s3";
  return DIALECTS[protocolOf(service) ?? ""] ?? "restJson";
}

export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const encodeCbor = lazy(() => {
  const { cbor } = require("@smithy/core/cbor") as typeof import("@smithy/core/cbor");
  return (value: object): Buffer => Buffer.from(cbor.serialize(value));
});

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const xml = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
const element = (name: string, ...content: readonly string[]): string => `<${name}>${content.join("")}</${name}>`;
const document = (root: string): Buffer => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`);

/**
 * @param requestId - the proxy's own name of the request, for its log
 * @see https://smithy.io/2.0/aws/protocols/index.html
 */
export function writeRefusal(refusal: ProxyRefusal, dialect: Dialect, requestId: string): RefusalAnswer {
  const names = refusalNames[refusal.kind];
  const { status } = names;
  const { message } = refusal;
  const side = status < 500 ? "Sender" : "Receiver";
  const answer = (type: string, body: Buffer, more: Readonly<Record<string, string>> = {}): RefusalAnswer => ({
    status,
    headers: { "content-type": type, "content-length": String(body.length), "x-amzn-requestid": requestId, ...more },
    body,
  });
  const code = element("Code", queryCode(refusal, dialect));
  const text = element("Message", xml(message));
  switch (dialect) {
    case "s3":
      return answer(
        "application/xml",
        document(element("Error", element("Code", names.s3), text, element("RequestId", requestId))),
        { "x-amz-request-id": requestId },
      );
    case "ec2Query":
      return answer(
        "text/xml;charset=UTF-8",
        document(element("Response", element("Errors", element("Error", code, text)), element("RequestID", requestId))),
      );
    case "restXml":
    case "awsQuery": {
      const error = element("Error", element("Type", side), code, text);
      return answer("text/xml", document(element("ErrorResponse", error, element("RequestId", requestId))));
    }
    case "cbor":
      return answer("application/cbor", encodeCbor()({ __type: names.json, message }), {
        "smithy-protocol": "rpc-v2-cbor",
      });
    case "awsJson":
      return answer("application/x-amz-json-1.1", Buffer.from(JSON.stringify({ __type: names.json, message })), {
        "x-amzn-errortype": names.json,
      });
    case "restJson":
      return answer("application/json", Buffer.from(JSON.stringify({ message })), { "x-amzn-errortype": names.json });
  }
}

/** EC2 has a word of its own for an access key that nobody has. */
function queryCode({ kind }: ProxyRefusal, dialect: Dialect): string {
  return dialect === "ec2Query" && kind === "unknown-selector" ? "AuthFailure" : refusalNames[kind].query;
}
