/** Owns what goes back over the wire, and how each family of services writes a fault. */
import type { ErrorFamily } from "./refusal-table";
import type { ServiceFault } from "./service-fault";
import { xmlDocument } from "./xml";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";
export const ec2Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";
export const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** @returns the fault as a service of that family answers it */
export function faultAnswer(family: ErrorFamily, fault: ServiceFault, requestId: string): Answer {
  const { status, code, message } = fault;
  switch (family) {
    case "query": {
      const content = {
        Error: { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message },
        RequestId: requestId,
      };
      return {
        status,
        headers: { "content-type": "text/xml", "x-amzn-requestid": requestId, ...fault.headers },
        body: xmlDocument("ErrorResponse", stsNamespace, content),
      };
    }
    case "ec2":
      return {
        status,
        headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId, ...fault.headers },
        body: xmlDocument("Response", undefined, {
          Errors: { Error: { Code: code, Message: message } },
          RequestID: requestId,
        }),
      };
    case "s3": {
      const content = {
        Code: code,
        Message: message,
        ...fault.details,
        RequestId: requestId,
        HostId: hostId(requestId),
      };
      return {
        status,
        headers: {
          "content-type": "application/xml",
          "x-amz-request-id": requestId,
          "x-amz-id-2": hostId(requestId),
          ...fault.headers,
        },
        body: xmlDocument("Error", undefined, content),
      };
    }
    case "json":
      return {
        status,
        headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-requestid": requestId, ...fault.headers },
        body: JSON.stringify({ __type: code, message, ...fault.details }),
      };
  }
}

/** S3's second request id. */
export const hostId = (requestId: string): string => Buffer.from(`simulator/${requestId}`).toString("base64");
