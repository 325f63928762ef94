/** Owns the simulated S3: buckets and objects, keys kept to the byte. */
import { type Answer, s3Namespace } from "../answer";
import { decodeBytes, utf8Text } from "../percent-encoding";
import { defineService, type SignedCallContext, type SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";
import type { World } from "../world";
import { xmlDocument } from "../xml";
import { bucketArn, objectArn, objectHeaders, type S3Action, s3Answer, s3Xml } from "./s3-answer";
import { verifyChecksums } from "./s3-checksums";
import { checkCustomerKey, customerKeyHeaders } from "./s3-customer-keys";
import { listBucketResult } from "./s3-listing";
import { multipartActions } from "./s3-multipart";
import { elementTexts, readS3Request, type S3Input } from "./s3-request";
import { etagOf, S3Store, type StoredObject } from "./s3-store";

const httpDate = (ms: number): string => new Date(ms).toUTCString();

function byteRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return undefined;
  const suffix = match[1] === "";
  const start = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = suffix || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]));
  if (start >= size || end < start) {
    const details = { RangeRequested: header ?? "", ActualObjectSize: size };
    throw new ServiceFault("InvalidRange", "The requested range is not satisfiable", 416, details, {
      "content-range": `bytes */${size}`,
    });
  }
  return { start, end };
}

function objectAnswer(input: S3Input, object: StoredObject, context: SignedCallContext): Answer {
  const { headers } = input.request;
  checkCustomerKey(input.request, object.headers);
  const described = { etag: object.etag, "last-modified": httpDate(object.lastModifiedMs), "accept-ranges": "bytes" };
  const noneMatch = headers.get("if-none-match");
  if (noneMatch === "*" || noneMatch === object.etag) return s3Answer(context, 304, "", described);
  const match = headers.get("if-match");
  if (match !== undefined && match !== "*" && match !== object.etag) {
    throw new ServiceFault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, {
      Condition: "If-Match",
    });
  }
  const range = byteRange(headers.get("range"), object.body.length);
  const body = range === undefined ? object.body : object.body.subarray(range.start, range.end + 1);
  const wantsChecksum = headers.get("x-amz-checksum-mode") === "ENABLED" && range === undefined;
  const kept = Object.fromEntries(
    Object.entries(object.headers).filter(([name]) => wantsChecksum || !name.startsWith("x-amz-checksum-")),
  );
  return s3Answer(context, range === undefined ? 200 : 206, body, {
    ...described,
    ...kept,
    "content-length": String(body.length),
    ...(range === undefined ? {} : { "content-range": `bytes ${range.start}-${range.end}/${object.body.length}` }),
  });
}

function copySource({ request }: S3Input): { readonly bucket: string; readonly key: string } {
  const source = utf8Text(
    decodeBytes((request.headers.get("x-amz-copy-source") as string).replace(/^\//, "").replace(/\?.*$/, "")),
  );
  const slash = source?.indexOf("/") ?? -1;
  if (source === undefined || slash < 1) {
    throw new ServiceFault(
      "InvalidArgument",
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      400,
    );
  }
  return { bucket: source.slice(0, slash), key: source.slice(slash + 1) };
}

function bucketActions(store: S3Store): Record<string, S3Action> {
  return {
    ListBuckets: {
      permission: "s3:ListAllMyBuckets",
      run: (_, context) =>
        s3Xml(context, "ListAllMyBucketsResult", {
          Owner: { ID: context.caller.accountId.padEnd(64, "0") },
          Buckets: {
            Bucket: store.buckets(context.caller.accountId).map((bucket) => ({
              Name: bucket.name,
              CreationDate: new Date(bucket.createdMs).toISOString(),
              BucketRegion: bucket.region,
            })),
          },
        }),
    },
    CreateBucket: {
      permission: "s3:CreateBucket",
      resources: bucketArn,
      run({ bucket: name, payload }, context) {
        const wanted = elementTexts(payload.toString("utf8"), "LocationConstraint")[0];
        if (wanted !== undefined && wanted !== context.region) {
          const text = `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`;
          throw new ServiceFault("IllegalLocationConstraintException", text, 400);
        }
        store.create({ name, accountId: context.caller.accountId, region: context.region, createdMs: context.nowMs });
        return s3Answer(context, 200, "", { location: `/${name}` });
      },
    },
    DeleteBucket: {
      permission: "s3:DeleteBucket",
      resources: bucketArn,
      run({ bucket }, context) {
        store.remove(store.bucket(bucket, context.region));
        return s3Answer(context, 204);
      },
    },
    HeadBucket: {
      permission: "s3:ListBucket",
      resources: bucketArn,
      run: ({ bucket }, context) =>
        s3Answer(context, 200, "", { "x-amz-bucket-region": store.bucket(bucket, context.region).region }),
    },
    GetBucketLocation: {
      permission: "s3:GetBucketLocation",
      resources: bucketArn,
      run({ bucket }, context) {
        const { region } = store.bucket(bucket, context.region);
        const markup = xmlDocument("LocationConstraint", s3Namespace, region === "us-east-1" ? "" : region);
        return s3Answer(context, 200, markup, { "content-type": "application/xml" });
      },
    },
    ListObjects: {
      permission: "s3:ListBucket",
      resources: bucketArn,
      run: (input, context) =>
        s3Xml(
          context,
          "ListBucketResult",
          listBucketResult(1, input, store, store.bucket(input.bucket, context.region)),
        ),
    },
    ListObjectsV2: {
      permission: "s3:ListBucket",
      resources: bucketArn,
      run: (input, context) =>
        s3Xml(
          context,
          "ListBucketResult",
          listBucketResult(2, input, store, store.bucket(input.bucket, context.region)),
        ),
    },
    DeleteObjects: {
      permission: "s3:DeleteObject",
      resources: ({ bucket, payload }) =>
        elementTexts(payload.toString("utf8"), "Key").map((key) => `arn:aws:s3:::${bucket}/${key}`),
      run(input, context) {
        verifyChecksums(input.request, input.payload);
        const bucket = store.bucket(input.bucket, context.region);
        const keys = elementTexts(input.payload.toString("utf8"), "Key");
        for (const key of keys) bucket.objects.delete(key);
        return s3Xml(context, "DeleteResult", { Deleted: keys.map((Key) => ({ Key })) });
      },
    },
  };
}

function objectActions(store: S3Store): Record<string, S3Action> {
  return {
    PutObject: {
      permission: "s3:PutObject",
      resources: objectArn,
      run(input, context) {
        const bucket = store.bucket(input.bucket, context.region);
        const checksums = verifyChecksums(input.request, input.payload);
        const customerKey = customerKeyHeaders(input.request);
        if (input.request.headers.get("if-none-match") === "*" && bucket.objects.has(input.key)) {
          const details = { Condition: "If-None-Match" };
          throw new ServiceFault(
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
            412,
            details,
          );
        }
        const body = Buffer.from(input.payload);
        const etag = etagOf(body);
        bucket.objects.set(input.key, {
          body,
          etag,
          lastModifiedMs: context.nowMs,
          headers: { ...objectHeaders(input), ...checksums, ...customerKey },
        });
        return s3Answer(context, 200, "", { etag, ...checksums, ...customerKey });
      },
    },
    GetObject: {
      permission: "s3:GetObject",
      resources: objectArn,
      run: (input, context) => objectAnswer(input, store.object(input.bucket, input.key, context.region), context),
    },
    HeadObject: {
      permission: "s3:GetObject",
      resources: objectArn,
      run: (input, context) => objectAnswer(input, store.object(input.bucket, input.key, context.region), context),
    },
    SelectObjectContent: {
      permission: "s3:GetObject",
      resources: objectArn,
      run() {
        const text = "The specified method is not allowed against this resource.";
        throw new ServiceFault("MethodNotAllowed", text, 405, { Method: "POST", ResourceType: "OBJECT" });
      },
    },
    DeleteObject: {
      permission: "s3:DeleteObject",
      resources: objectArn,
      run(input, context) {
        store.bucket(input.bucket, context.region).objects.delete(input.key);
        return s3Answer(context, 204);
      },
    },
    CopyObject: {
      permission: "s3:PutObject",
      resources: objectArn,
      run(input, context) {
        const source = copySource(input);
        const object = store.object(source.bucket, source.key, context.region);
        const replaced = input.request.headers.get("x-amz-metadata-directive") === "REPLACE";
        const copy = {
          ...object,
          lastModifiedMs: context.nowMs,
          headers: replaced ? objectHeaders(input) : object.headers,
        };
        store.bucket(input.bucket, context.region).objects.set(input.key, copy);
        return s3Xml(context, "CopyObjectResult", {
          ETag: object.etag,
          LastModified: new Date(context.nowMs).toISOString(),
        });
      },
    },
  };
}

/** @returns the simulated S3 */
export function createS3(world: World, nowMs: number, randomUploadId: () => string): SimulatedService {
  const store = new S3Store(world, nowMs);
  return defineService<S3Input>({
    name: "s3",
    family: "s3",
    read: readS3Request,
    actions: { ...bucketActions(store), ...objectActions(store), ...multipartActions(store, randomUploadId) },
  });
}
