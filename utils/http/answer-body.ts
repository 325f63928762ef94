/** Owns a streamed answer: the reader's side of it, with failures that the exchange has put into words. */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

export interface AnswerEvents {
  /** A part arrived. */
  progress(): void;
  /** All of it arrived. */
  ended(): void;
  /** The reader gave up before the end. */
  abandoned(): void;
}

/**
 * @param answer - its `error` events are the caller's, who destroys the stream returned with the error to show
 * @returns a stream that reads on only as fast as it is read
 */
export function answerBody(answer: IncomingMessage, events: AnswerEvents): Readable {
  let ended = false;
  const body = new Readable({
    read: () => {
      if (!answer.isPaused()) return;
      events.progress();
      answer.resume();
    },
    destroy: (error, callback) => {
      if (!ended && error === null) events.abandoned();
      callback(error);
    },
  });
  answer.on("data", (chunk: Buffer) => {
    events.progress();
    if (!body.push(chunk)) answer.pause();
  });
  answer.on("end", () => {
    ended = true;
    body.push(null);
    events.ended();
  });
  // A failure before anybody listens waits in the stream for whoever reads it; it must not end the process.
  body.on("error", () => undefined);
  answer.pause();
  return body;
}
