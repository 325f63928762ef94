/** Owns which IAM action allows an operation, where the two have different names. */

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and its like for Lambda */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  s3: {
    ListBuckets: "ListAllMyBuckets",
    HeadBucket: "ListBucket",
    ListObjects: "ListBucket",
    ListObjectsV2: "ListBucket",
    ListObjectVersions: "ListBucketVersions",
    ListMultipartUploads: "ListBucketMultipartUploads",
    ListParts: "ListMultipartUploadParts",
    HeadObject: "GetObject",
    SelectObjectContent: "GetObject",
    CopyObject: "PutObject",
    CreateMultipartUpload: "PutObject",
    UploadPart: "PutObject",
    UploadPartCopy: "PutObject",
    CompleteMultipartUpload: "PutObject",
    DeleteObjects: "DeleteObject",
  },
  lambda: { Invoke: "InvokeFunction" },
};

/** @returns `s3:ListAllMyBuckets` of `s3` and `ListBuckets` */
export const iamAction = (signingName: string, operation: string): string =>
  `${signingName}:${RENAMED[signingName]?.[operation] ?? operation}`;
