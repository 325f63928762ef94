/** Owns S3's multipart uploads. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { createHash } from "node:crypto";
import { ServiceFault } from "../service-fault";
import { objectArn, objectHeaders, type S3Action, s3Answer, s3Xml } from "./s3-answer";
import { verifyChecksums } from "./s3-checksums";
import { checkCustomerKey, customerKeyHeaders } from "./s3-customer-keys";
import { elementTexts, type S3Input } from "./s3-request";
import { etagOf, type S3Store } from "./s3-store";

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

const minPartBytes = 5 * 1024 * 1024;

/** @returns the actions of multipart uploads on `store` */
export function multipartActions(store: S3Store, randomUploadId: () => string): Record<string, S3Action> {
  const uploads = new Map<string, Upload>();

  const find = ({ bucket, key, query }: S3Input): Upload => {
    const upload = uploads.get(query.get("uploadId") ?? "");
    if (upload?.bucket !== bucket || upload.key !== key) {
      const text =
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
      throw new ServiceFault("NoSuchUpload", text, 404);
    }
    return upload;
  };

  return {
    CreateMultipartUpload: {
      permission: "s3:PutObject",
      resources: objectArn,
      run(input, context) {
        const { bucket, key } = input;
        store.bucket(bucket, context.region);
        const uploadId = randomUploadId();
        uploads.set(uploadId, {
          bucket,
          key,
          headers: { ...objectHeaders(input), ...customerKeyHeaders(input.request) },
          parts: new Map(),
        });
        return s3Xml(context, "InitiateMultipartUploadResult", { Bucket: bucket, Key: key, UploadId: uploadId });
      },
    },
    UploadPart: {
      permission: "s3:PutObject",
      resources: objectArn,
      run(input, context) {
        const upload = find(input);
        checkCustomerKey(input.request, upload.headers);
        const number = Number(input.query.get("partNumber"));
        if (!Number.isInteger(number) || number < 1 || number > 10_000) {
          throw new ServiceFault(
            "InvalidArgument",
            "Part number must be an integer between 1 and 10000, inclusive",
            400,
          );
        }
        const checksums = verifyChecksums(input.request, input.payload);
        const body = Buffer.from(input.payload);
        const etag = etagOf(body);
        upload.parts.set(number, { body, etag });
        return s3Answer(context, 200, "", { etag, ...checksums });
      },
    },
    CompleteMultipartUpload: {
      permission: "s3:PutObject",
      resources: objectArn,
      run(input, context) {
        const upload = find(input);
        const markup = input.payload.toString("utf8");
        const numbers = elementTexts(markup, "PartNumber").map(Number);
        const etags = elementTexts(markup, "ETag").map((etag) => etag.replaceAll('"', ""));
        if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] as number))) {
          throw new ServiceFault(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.",
            400,
          );
        }
        const parts = numbers.map((number) => upload.parts.get(number));
        const whole = parts.every((part, index) => part !== undefined && part.etag === `"${etags[index]}"`);
        if (!whole || parts.length === 0) {
          const text =
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
          throw new ServiceFault("InvalidPart", text, 400);
        }
        const bodies = parts.map((part) => part?.body as Buffer);
        if (bodies.slice(0, -1).some((body) => body.length < minPartBytes)) {
          throw new ServiceFault(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            400,
          );
        }
        const digests = bodies.map((body) => createHash("md5").update(body).digest());
        const etag = `"${createHash("md5").update(Buffer.concat(digests)).digest("hex")}-${parts.length}"`;
        const object = { body: Buffer.concat(bodies), etag, lastModifiedMs: context.nowMs, headers: upload.headers };
        store.bucket(upload.bucket, context.region).objects.set(upload.key, object);
        uploads.delete(input.query.get("uploadId") as string);
        return s3Xml(context, "CompleteMultipartUploadResult", { Bucket: upload.bucket, Key: upload.key, ETag: etag });
      },
    },
    AbortMultipartUpload: {
      permission: "s3:AbortMultipartUpload",
      resources: objectArn,
      run(input, context) {
        find(input);
        uploads.delete(input.query.get("uploadId") as string);
        return s3Answer(context, 204);
      },
    },
    ListParts: {
      permission: "s3:ListMultipartUploadParts",
      resources: objectArn,
      run(input, context) {
        const upload = find(input);
        const parts = [...upload.parts].sort(([left], [right]) => left - right);
        return s3Xml(context, "ListPartsResult", {
          Bucket: upload.bucket,
          Key: upload.key,
          UploadId: input.query.get("uploadId"),
          IsTruncated: false,
          Part: parts.map(([number, part]) => ({ PartNumber: number, ETag: part.etag, Size: part.body.length })),
        });
      },
    },
  };
}
