/** Owns the answer of an operation whose output is a stream of events: a list of them, or a file with one a line. */
import { Readable } from "node:stream";
import { AdapterError } from "../errors/adapter-error";
import type { OperationModel } from "../models/operation-model";
import type { EventLimits } from "./event-limits";
import { EventListener, eventLines } from "./event-listener";
import type { FileAccess } from "./file-access";
import type { AnsweredCall, ReceivedAnswer } from "./prepared-call";
import type { OutputReader } from "./read-output";
import { saveToFile } from "./streamed-body";

/** Events without which a stream broke off, whatever came before: the ends of S3 Select and of Lambda. */
const LAST_EVENTS = ["End", "InvokeComplete"];

type Event = Record<string, unknown>;

/**
 * Listens to its end, or for as long as `iapMetadata.events` says.
 * @param failed - makes an error of what the reading throws
 * @returns the output, with the events in a list or `{ file, bytes, events }` in its place; `…Stopped` beside it names
 * the limit of the call that ended it
 * @throws AdapterError
 */
export async function answerEvents(
  { operation, saveTo }: { readonly operation: OperationModel; readonly saveTo: string | undefined },
  answer: Pick<ReceivedAnswer, "response" | "limits" | "saved">,
  asked: EventLimits,
  { outputs, files }: { readonly outputs: OutputReader; readonly files: FileAccess },
  failed: (thrown: unknown) => AdapterError,
): Promise<AnsweredCall> {
  const { response, limits } = answer;
  const { statusCode, headers } = response;
  const member = operation.eventStreamOutput as string;
  const body = response.body instanceof Readable ? response.body : Readable.from([response.body]);
  const listener = new EventListener(body, asked, limits);
  try {
    const { output, events, names } = await outputs.readEvents(operation, response, member, listener.frames());
    const heard = listener.upToLimit(whole(events, names, listener));
    let value: unknown;
    if (saveTo === undefined) value = await listener.collect(heard);
    else {
      const ignore = (): void => {};
      const file = await saveToFile(eventLines(heard, failed), saveTo, files, ignore, async () => {});
      value = { ...file, events: listener.events };
    }
    answer.saved();
    const stopped = listener.stoppedBy === undefined ? {} : { [`${member}Stopped`]: listener.stoppedBy };
    return { statusCode, headers, output: { ...output, [member]: value, ...stopped } };
  } catch (thrown) {
    throw thrown instanceof AdapterError ? thrown : failed(thrown);
  } finally {
    listener.close();
  }
}

/** @throws AdapterError `CONNECTION_FAILED` when the last event is missing */
async function* whole(
  events: AsyncIterable<Event>,
  names: ReadonlySet<string>,
  listener: EventListener,
): AsyncGenerator<Event, void, undefined> {
  const last = LAST_EVENTS.find((name) => names.has(name));
  let ended = last === undefined;
  for await (const event of events) {
    ended ||= Object.hasOwn(event, last as string);
    yield event;
  }
  if (ended || listener.stoppedBy !== undefined) return;
  const reason = `the events broke off before ${last}`;
  throw new AdapterError("CONNECTION_FAILED", { host: listener.limits.waitedFor, reason, phase: "after-request" });
}
