/** Owns the one table of service customisations, by the names of the SDK plugins that do the same. */
import type { OperationModel } from "../../models/operation-model";
import type { Customisation, CustomisationFactory } from "./customisation";
import { copySnapshotPresignedUrl } from "./ec2";
import { longPoll } from "./long-poll";
import { crossRegionPresignedUrl } from "./rds";
import { acceptHeader, compression, glacier, md5BodyChecksum } from "./request-body";
import { changeResourceRecordSets, idNormalizer } from "./route-53";
import { bucketName, customerKeys, expectContinue, expires, locationConstraint, throw200Exceptions } from "./s3";
import { flexibleChecksums } from "./s3-checksums";
import { outpostArns } from "./s3-control";
import { queueUrl, receiveMessage, sendMessage, sendMessageBatch } from "./sqs";

const TABLE: Readonly<Record<string, CustomisationFactory>> = {
  getAcceptHeaderPlugin: acceptHeader,
  getAddExpectContinuePlugin: expectContinue,
  getApplyMd5BodyChecksumPlugin: md5BodyChecksum,
  getChangeResourceRecordSetsPlugin: changeResourceRecordSets,
  getCompressionPlugin: compression,
  getCopySnapshotPresignedUrlPlugin: copySnapshotPresignedUrl,
  getCrossRegionPresignedUrlPlugin: crossRegionPresignedUrl,
  getFlexibleChecksumsPlugin: flexibleChecksums,
  getGlacierPlugin: glacier,
  getIdNormalizerPlugin: idNormalizer,
  getLocationConstraintPlugin: locationConstraint,
  getLongPollPlugin: longPoll,
  getProcessArnablesPlugin: outpostArns,
  getQueueUrlPlugin: queueUrl,
  getReceiveMessagePlugin: receiveMessage,
  getS3ExpiresMiddlewarePlugin: expires,
  getSendMessageBatchPlugin: sendMessageBatch,
  getSendMessagePlugin: sendMessage,
  getSsecPlugin: customerKeys,
  getThrow200ExceptionsPlugin: throw200Exceptions,
  getValidateBucketNamePlugin: bucketName,
};

/** Plugins that are no customisation here, each with the reason. */
const NEEDLESS: Readonly<Record<string, string>> = {
  getCheckContentLengthHeaderPlugin: "warns of a missing length, and the client always knows it",
  getHostPrefixDeduplicationPlugin: "marks what the protocol classes do by themselves",
  getRedirectFromPostIdPlugin: "corrects the host of older endpoint rules; these rules ask about the outpost",
  getRegionRedirectMiddlewarePlugin: "the client follows redirects, for it prepares the request anew",
  getS3ExpressPlugin: "directory buckets are signed request by request, without sessions",
  getS3ExpressHttpSigningPlugin: "directory buckets are signed request by request, without sessions",
};

/** @returns whether a plugin of a client package is dealt with: as a customisation, or on purpose not */
export const isKnownPlugin = (name: string): boolean => Object.hasOwn(TABLE, name) || Object.hasOwn(NEEDLESS, name);

/** The customisations of each operation, made on first use; one belongs to one client. */
export class Customisations {
  readonly #byOperation = new WeakMap<OperationModel, readonly Customisation[]>();

  of(operation: OperationModel): readonly Customisation[] {
    let made = this.#byOperation.get(operation);
    if (made === undefined) {
      made = operation.plugins.flatMap(([name, options]) => {
        const factory = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
        return factory === undefined ? [] : [factory(options ?? {}, operation)];
      });
      this.#byOperation.set(operation, made);
    }
    return made;
  }
}
