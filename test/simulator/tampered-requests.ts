/** Owns the ways to spoil a signed request, and by service AWS's own word for each. */
import assert from "node:assert/strict";
import type { SignedCall } from "./simulator-client";

const replaceIn = (name: string, from: string | RegExp, to: string) => (signed: SignedCall) => {
  const before = signed.headers[name] as string;
  signed.headers[name] = before.replace(from, to);
  assert.notEqual(signed.headers[name], before, "the test changed nothing");
};

export const tampered = {
  "signature changed": {
    change: (signed: SignedCall) => {
      const authorization = signed.headers["authorization"] as string;
      const last = authorization.endsWith("0") ? "1" : "0";
      signed.headers["authorization"] = authorization.slice(0, -1) + last;
    },
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "SignatureDoesNotMatch",
      dynamodb: "InvalidSignatureException",
    },
  },
  "unknown key": {
    change: replaceIn("authorization", /Credential=[^/]+/, "Credential=AKIAUNKNOWN000000000"),
    codes: {
      sts: "InvalidClientTokenId",
      ec2: "AuthFailure",
      s3: "InvalidAccessKeyId",
      dynamodb: "UnrecognizedClientException",
    },
  },
  "token changed": {
    change: (signed: SignedCall) => {
      signed.headers["x-amz-security-token"] += "A";
    },
    codes: {
      sts: "InvalidClientTokenId",
      ec2: "AuthFailure",
      s3: "InvalidToken",
      dynamodb: "UnrecognizedClientException",
    },
  },
  "token left out": {
    change: (signed: SignedCall) => {
      delete signed.headers["x-amz-security-token"];
    },
    codes: {
      sts: "InvalidClientTokenId",
      ec2: "AuthFailure",
      s3: "InvalidAccessKeyId",
      dynamodb: "UnrecognizedClientException",
    },
  },
  "no signature": {
    change: (signed: SignedCall) => {
      delete signed.headers["authorization"];
    },
    codes: {
      sts: "MissingAuthenticationToken",
      ec2: "MissingAuthenticationToken",
      s3: "AccessDenied",
      dynamodb: "MissingAuthenticationTokenException",
    },
  },
  "half a signature": {
    change: replaceIn("authorization", /SignedHeaders=[^,]+, /, ""),
    codes: {
      sts: "IncompleteSignature",
      ec2: "IncompleteSignature",
      s3: "AuthorizationHeaderMalformed",
      dynamodb: "IncompleteSignatureException",
    },
  },
  "unknown region": {
    change: replaceIn("authorization", "/us-east-1/", "/mars-west-1/"),
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "AuthorizationHeaderMalformed",
      dynamodb: "InvalidSignatureException",
    },
  },
  "host not signed": {
    change: replaceIn("authorization", "host;", ""),
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "AccessDenied",
      dynamodb: "InvalidSignatureException",
    },
  },
  "host changed": {
    change: (signed: SignedCall) => {
      signed.headers["host"] = "localhost";
    },
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "SignatureDoesNotMatch",
      dynamodb: "InvalidSignatureException",
    },
  },
  "query added": {
    change: (signed: SignedCall) => {
      signed.path += "?max-keys=1";
    },
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "SignatureDoesNotMatch",
      dynamodb: "InvalidSignatureException",
    },
  },
  "date of the scope changed": {
    change: replaceIn("authorization", "/20260115/", "/20260114/"),
    codes: {
      sts: "SignatureDoesNotMatch",
      ec2: "AuthFailure",
      s3: "AuthorizationHeaderMalformed",
      dynamodb: "InvalidSignatureException",
    },
  },
} as const;
