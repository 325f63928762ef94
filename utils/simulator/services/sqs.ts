/** Owns the simulated SQS: queues that give a message once, with the MD5s that clients compare. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/ */
import { createHash, randomUUID } from "node:crypto";
import type { SignedCallContext, SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";
import type { World } from "../world";
import {
  defineJsonService,
  type JsonAction,
  type JsonInput,
  jsonAnswer,
  numberOf,
  requiredText,
  textOf,
} from "./json-service";

interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  visibleAtMs: number;
  receiptHandle?: string;
}
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}
interface Queue {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly messages: Message[];
}

const missing = (text: string): ServiceFault => new ServiceFault("com.amazonaws.sqs#MissingParameter", text, 400);
const noQueue = (): ServiceFault =>
  new ServiceFault(
    "com.amazonaws.sqs#QueueDoesNotExist",
    "The specified queue does not exist.",
    400,
    {},
    {
      "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender",
    },
  );
const md5 = (data: Buffer | string): string => createHash("md5").update(data).digest("hex");

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string {
  const sized = (data: Buffer): Buffer => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return Buffer.concat([size, data]);
  };
  const parts = Object.entries(attributes)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, { DataType, StringValue, BinaryValue }]) => [
      sized(Buffer.from(name)),
      sized(Buffer.from(DataType)),
      Buffer.from([BinaryValue === undefined ? 1 : 2]),
      sized(BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64")),
    ]);
  return md5(Buffer.concat(parts));
}

const attributesMd5 = (name: string, attributes: Message["attributes"]): Record<string, string> =>
  Object.keys(attributes).length === 0 ? {} : { [name]: md5OfAttributes(attributes) };

/**
 * @param origin - answers the origin that queue URLs begin with, known once the server listens
 * @returns the simulated SQS
 */
export function createSqs(world: World, origin: () => string): SimulatedService {
  const queues = new Map<string, Queue>();
  const arn = (region: string, accountId: string, name: string): string => `arn:aws:sqs:${region}:${accountId}:${name}`;
  for (const queue of world.queues)
    queues.set(arn(queue.region, queue.accountId, queue.name), { ...queue, messages: [] });
  const url = ({ accountId, name }: Queue): string => `${origin()}/${accountId}/${name}`;

  const arnOf = (input: JsonInput, { region, caller }: SignedCallContext): string => {
    const parts = textOf(input, "QueueUrl")?.split("/").slice(-2);
    return arn(
      region,
      parts?.length === 2 ? (parts[0] as string) : caller.accountId,
      parts?.at(-1) ?? textOf(input, "QueueName") ?? "*",
    );
  };
  const find = (input: JsonInput, context: SignedCallContext, member: "QueueUrl" | "QueueName" = "QueueUrl"): Queue => {
    requiredText(input, member, missing);
    const queue = queues.get(arnOf(input, context));
    if (queue === undefined) throw noQueue();
    return queue;
  };
  const action = (name: string, run: (input: JsonInput, context: SignedCallContext) => unknown): JsonAction => ({
    permission: `sqs:${name}`,
    resources: (input, context) => [arnOf(input, context)],
    run: (input, context) => jsonAnswer(context, "1.0", run(input, context)),
  });

  return defineJsonService({
    name: "sqs",
    version: "1.0",
    actions: {
      CreateQueue: action("CreateQueue", (input, context) => {
        const name = requiredText(input, "QueueName", missing);
        const key = arnOf(input, context);
        const queue = queues.get(key) ?? {
          name,
          accountId: context.caller.accountId,
          region: context.region,
          messages: [],
        };
        queues.set(key, queue);
        return { QueueUrl: url(queue) };
      }),
      GetQueueUrl: action("GetQueueUrl", (input, context) => ({ QueueUrl: url(find(input, context, "QueueName")) })),
      ListQueues: action("ListQueues", (input, context) => {
        const prefix = textOf(input, "QueueNamePrefix") ?? "";
        const own = [...queues.values()].filter(
          (queue) => queue.accountId === context.caller.accountId && queue.region === context.region,
        );
        return { QueueUrls: own.filter((queue) => queue.name.startsWith(prefix)).map(url) };
      }),
      SendMessage: action("SendMessage", (input, context) => {
        const queue = find(input, context);
        const body = requiredText(input, "MessageBody", missing);
        const attributes = (input["MessageAttributes"] ?? {}) as Message["attributes"];
        const id = randomUUID();
        queue.messages.push({
          id,
          body,
          attributes,
          visibleAtMs: context.nowMs + (numberOf(input, "DelaySeconds") ?? 0) * 1000,
        });
        return { MessageId: id, MD5OfMessageBody: md5(body), ...attributesMd5("MD5OfMessageAttributes", attributes) };
      }),
      ReceiveMessage: action("ReceiveMessage", (input, context) => {
        const queue = find(input, context);
        const ready = queue.messages
          .filter((message) => message.visibleAtMs <= context.nowMs)
          .slice(0, numberOf(input, "MaxNumberOfMessages") ?? 1);
        const Messages = ready.map((message) => {
          message.visibleAtMs = context.nowMs + (numberOf(input, "VisibilityTimeout") ?? 30) * 1000;
          message.receiptHandle = randomUUID();
          const wanted = (input["MessageAttributeNames"] ?? []) as readonly string[];
          const shown = Object.fromEntries(
            Object.entries(message.attributes).filter(
              ([name]) => wanted.includes("All") || wanted.includes(".*") || wanted.includes(name),
            ),
          );
          return {
            MessageId: message.id,
            ReceiptHandle: message.receiptHandle,
            Body: message.body,
            MD5OfBody: md5(message.body),
            ...(Object.keys(shown).length === 0 ? {} : { MessageAttributes: shown }),
            ...attributesMd5("MD5OfMessageAttributes", shown),
          };
        });
        return Messages.length === 0 ? {} : { Messages };
      }),
      DeleteMessage: action("DeleteMessage", (input, context) => {
        const queue = find(input, context);
        const handle = requiredText(input, "ReceiptHandle", missing);
        const index = queue.messages.findIndex((message) => message.receiptHandle === handle);
        if (index >= 0) queue.messages.splice(index, 1);
        return {};
      }),
    },
  });
}
