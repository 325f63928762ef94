/** Owns what SQS has to itself: queue URLs that say where to go, digests of message bodies, and answers that take their time. */
import { createHash } from "node:crypto";
import { AdapterError } from "../../errors/adapter-error";
import type { OperationModel } from "../../models/operation-model";
import type { Endpoint } from "../endpoint";
import type { CustomisationFactory } from "./customisation";

interface SentMessage {
  readonly Id?: string;
  readonly MessageBody?: string;
}

/** The longest that ReceiveMessage waits, when the queue decides. */
const LONGEST_POLL_SECONDS = 20;

/** The queue's own host wins over the endpoint rules, but not over a host that an operator named. */
export const queueUrl: CustomisationFactory = () => ({
  endpoint: (endpoint, input) => {
    const hostname = endpoint.host === "aws" ? awsHost(input["QueueUrl"], endpoint) : undefined;
    return hostname === undefined ? endpoint : { ...endpoint, hostname };
  },
});

export const sendMessage: CustomisationFactory = () => ({
  output: (output, input, { operation }) => check(input["MessageBody"], output["MD5OfMessageBody"], operation),
});

export const sendMessageBatch: CustomisationFactory = () => ({
  output: (output, input, { operation }) => {
    const sent = new Map((input["Entries"] as readonly SentMessage[] | undefined)?.map((entry) => [entry.Id, entry]));
    for (const result of (output["Successful"] ?? []) as readonly {
      readonly Id?: string;
      readonly MD5OfMessageBody?: string;
    }[]) {
      const entry = sent.get(result.Id);
      if (entry !== undefined) check(entry.MessageBody, result.MD5OfMessageBody, operation);
    }
  },
});

export const receiveMessage: CustomisationFactory = () => ({
  waitsMs: (input) => Number(input["WaitTimeSeconds"] ?? LONGEST_POLL_SECONDS) * 1000,
  output: (output, _input, { operation }) => {
    for (const message of (output["Messages"] ?? []) as readonly {
      readonly Body?: string;
      readonly MD5OfBody?: string;
    }[]) {
      check(message.Body, message.MD5OfBody, operation);
    }
  },
});

function check(body: unknown, digest: unknown, { service, name }: OperationModel): void {
  if (
    createHash("md5")
      .update(String(body ?? ""), "utf8")
      .digest("hex") === digest
  )
    return;
  throw new AdapterError("CHECKSUM_MISMATCH", { service: service.name, operation: name, found: "MD5" });
}

/** A queue URL comes from a workflow and what is sent there is signed, so it must be a host of the same partition of AWS. */
function awsHost(text: unknown, { protocol, port, hostname }: Endpoint): string | undefined {
  if (typeof text !== "string" || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const suffix = hostname.split(".").slice(-2).join(".");
  const isSame = url.protocol === protocol && url.port === String(port ?? "") && url.hostname.endsWith(`.${suffix}`);
  return isSame ? url.hostname : undefined;
}
