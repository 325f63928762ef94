/** Owns encryption with keys of the customer: checked, and remembered by their MD5. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html */
import { createHash } from "node:crypto";
import { ServiceFault } from "../service-fault";
import type { WireRequest } from "../wire-request";

const prefix = "x-amz-server-side-encryption-customer-";
const md5Header = `${prefix}key-md5`;

/**
 * @returns the headers that answer a request with a customer's key and are kept with the object; none without a key
 * @throws ServiceFault `InvalidArgument`
 */
export function customerKeyHeaders({ headers }: WireRequest): Readonly<Record<string, string>> {
  const key = headers.get(`${prefix}key`);
  if (key === undefined) return {};
  if (headers.get(`${prefix}algorithm`) !== "AES256") {
    const text =
      "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.";
    throw new ServiceFault("InvalidArgument", text, 400);
  }
  const bytes = Buffer.from(key, "base64");
  if (bytes.length !== 32) {
    throw new ServiceFault("InvalidArgument", "The secret key was invalid for the specified algorithm.", 400);
  }
  const md5 = createHash("md5").update(bytes).digest("base64");
  if (headers.get(md5Header) !== md5) {
    const text = "The calculated MD5 hash of the key did not match the hash that was provided.";
    throw new ServiceFault("InvalidArgument", text, 400);
  }
  return { [`${prefix}algorithm`]: "AES256", [md5Header]: md5 };
}

/**
 * @param kept - headers kept with the object
 * @throws ServiceFault `InvalidRequest` without its key, `AccessDenied` with another one
 */
export function checkCustomerKey(request: WireRequest, kept: Readonly<Record<string, string>>): void {
  const wanted = kept[md5Header];
  const given = customerKeyHeaders(request)[md5Header];
  if (wanted === given) return;
  if (given !== undefined && wanted !== undefined) throw new ServiceFault("AccessDenied", "Access Denied", 403);
  const text =
    wanted === undefined
      ? "The encryption parameters are not applicable to this object."
      : "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";
  throw new ServiceFault("InvalidRequest", text, 400);
}
