/** Owns the one table of service customisations, by the names of the SDK plugins that do the same. */
import type { OperationModel } from "../../models/operation-model";
import type { Customisation, CustomisationFactory } from "./customisation";
import { copySnapshotPresignedUrl } from "./ec2";
import { acceptHeader, compression, glacier, md5BodyChecksum } from "./request-body";
import { changeResourceRecordSets, idNormalizer } from "./route-53";
import { bucketName, customerKeys, expectContinue, expires, locationConstraint, throw200Exceptions } from "./s3";
import { flexibleChecksums } from "./s3-checksums";
import { queueUrl, receiveMessage, sendMessage, sendMessageBatch } from "./sqs";

/**
 * A plugin that is not in here changes nothing that is sent: user agent, retries and lengths are the client's own, and
 * S3's region redirects are not followed but explained.
 */
const TABLE: Readonly<Record<string, CustomisationFactory>> = {
  getAcceptHeaderPlugin: acceptHeader,
  getAddExpectContinuePlugin: expectContinue,
  getApplyMd5BodyChecksumPlugin: md5BodyChecksum,
  getChangeResourceRecordSetsPlugin: changeResourceRecordSets,
  getCompressionPlugin: compression,
  getCopySnapshotPresignedUrlPlugin: copySnapshotPresignedUrl,
  getFlexibleChecksumsPlugin: flexibleChecksums,
  getGlacierPlugin: glacier,
  getIdNormalizerPlugin: idNormalizer,
  getLocationConstraintPlugin: locationConstraint,
  getQueueUrlPlugin: queueUrl,
  getReceiveMessagePlugin: receiveMessage,
  getS3ExpiresMiddlewarePlugin: expires,
  getSendMessageBatchPlugin: sendMessageBatch,
  getSendMessagePlugin: sendMessage,
  getSsecPlugin: customerKeys,
  getThrow200ExceptionsPlugin: throw200Exceptions,
  getValidateBucketNamePlugin: bucketName,
};

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
