/** Owns the finding of members that are streams: of bytes, or of events. */
import type { ShapeRecord, ShapeReference, Traits } from "../models/entity-format";
import type { ShapeCollector } from "./shape-collector";

export interface StreamingMembers {
  readonly streamingInput?: string;
  readonly streamingOutput?: string;
  readonly eventStreamInput?: string;
  readonly eventStreamOutput?: string;
}

/** `streamingBlob` in Smithy's sentinel values. */
const STREAMING_BLOB = 42;

/** Takes member traits off a reference and looks its shape up. */
export function unwrap(
  reference: ShapeReference,
  shapes: ShapeCollector,
): { target: number | string; record: ShapeRecord | undefined; streaming: boolean } {
  let target = reference;
  let streaming = false;
  const note = (traits: Traits): void => {
    if (typeof traits === "object" && traits["streaming"] === 1) streaming = true;
  };
  while (typeof target === "object") {
    note(target[1]);
    target = target[0];
  }
  const record = typeof target === "string" ? shapes.record(target) : undefined;
  if (record !== undefined) note(record[1]);
  return { target, record, streaming };
}

function find(reference: ShapeReference, shapes: ShapeCollector): { body?: string; events?: string } {
  const { record } = unwrap(reference, shapes);
  if (record === undefined || record[0] !== 3) return {};
  const [, , names, members] = record;
  const found: { body?: string; events?: string } = {};
  members.forEach((member, index) => {
    const name = names[index] as string;
    const { target, record: shape, streaming } = unwrap(member, shapes);
    if (target === STREAMING_BLOB || (shape?.[0] === 0 && shape[2] === STREAMING_BLOB)) found.body = name;
    else if (streaming && shape?.[0] === 4) found.events = name;
    else if (streaming) found.body = name;
  });
  return found;
}

/** @returns the names of streaming members of input and output, where there are any */
export function streamingMembers(
  input: ShapeReference,
  output: ShapeReference,
  shapes: ShapeCollector,
): StreamingMembers {
  const sent = find(input, shapes);
  const received = find(output, shapes);
  return {
    ...(sent.body === undefined ? {} : { streamingInput: sent.body }),
    ...(received.body === undefined ? {} : { streamingOutput: received.body }),
    ...(sent.events === undefined ? {} : { eventStreamInput: sent.events }),
    ...(received.events === undefined ? {} : { eventStreamOutput: received.events }),
  };
}
