/** Owns what iapMetadata makes of a call: one request, all pages, a wait for a state, or a URL for somebody else to use. */
import { AdapterError } from "../errors/adapter-error";
import type { Pagination, Waiter } from "../models/entity-format";
import { suggestion } from "../models/nearest-name";
import type { OperationModel } from "../models/operation-model";
import type { IapMetadata } from "../types/call";

export type CallForm =
  | { readonly type: "single" }
  | { readonly type: "pages"; readonly pagination: Pagination; readonly maximumItems?: number }
  | { readonly type: "wait"; readonly name: string; readonly waiter: Waiter; readonly maxWaitMs: number }
  | { readonly type: "presigned"; readonly expiresInSeconds: number };

const SINGLE: CallForm = { type: "single" };
const DEFAULT_WAIT_SECONDS = 300;
const LONGEST_WAIT_SECONDS = 3600;
const FORMS = ["paginate", "waitFor", "presign"] as const;

/**
 * @returns how the operation is called
 * @throws AdapterError `INVALID_INPUT` for a form that the operation does not have, or for two at once
 */
export function callForm(operation: OperationModel, metadata: IapMetadata | undefined): CallForm {
  if (metadata === undefined) return SINGLE;
  const asked = FORMS.filter((name) => ![undefined, null, false].includes(metadata[name] as never));
  if (asked.length > 1) throw invalid(asked.join(" and "), "both", "one of them");
  switch (asked[0]) {
    case "paginate":
      return pages(operation, metadata.paginate);
    case "waitFor":
      return wait(operation, metadata.waitFor);
    case "presign":
      return presigned(operation, metadata);
    default:
      return SINGLE;
  }
}

function pages({ name, pagination }: OperationModel, paginate: unknown): CallForm {
  if (pagination === undefined) throw invalid("paginate", "a call in pages", `nothing: ${name} has no pages`);
  if (paginate === true || paginate === "true") return { type: "pages", pagination };
  const maximumItems = Number(paginate);
  if (!Number.isInteger(maximumItems) || maximumItems < 1) {
    throw invalid("paginate", JSON.stringify(paginate), "true, or how many items are enough");
  }
  return { type: "pages", pagination, maximumItems };
}

function wait(operation: OperationModel, waitFor: unknown): CallForm {
  const asked = typeof waitFor === "string" ? { name: waitFor } : (waitFor as Record<string, unknown>);
  const names = Object.keys(operation.waiters);
  const name = String(asked["name"]);
  const waiter = Object.hasOwn(operation.waiters, name) ? operation.waiters[name] : undefined;
  if (waiter === undefined) {
    const expected = names.length === 0 ? `nothing: ${operation.name} has no waiters` : `one of ${names.join(", ")}`;
    throw invalid("waitFor", JSON.stringify(name), `${expected}. ${suggestion(name, names)}`.trim());
  }
  const seconds = Number(asked["maxWaitSeconds"] ?? DEFAULT_WAIT_SECONDS);
  if (!(seconds >= 1 && seconds <= LONGEST_WAIT_SECONDS)) {
    const found = JSON.stringify(asked["maxWaitSeconds"]);
    throw invalid("waitFor.maxWaitSeconds", found, `seconds from 1 to ${LONGEST_WAIT_SECONDS}`);
  }
  return { type: "wait", name, waiter, maxWaitMs: seconds * 1000 };
}

function presigned(operation: OperationModel, { presign, saveTo }: IapMetadata): CallForm {
  const seconds = Number((presign as { readonly expiresInSeconds?: unknown }).expiresInSeconds);
  if (!Number.isInteger(seconds) || seconds < 1) {
    throw invalid("presign", JSON.stringify(presign), '{"expiresInSeconds": 900}, with a whole number of seconds');
  }
  if (saveTo !== undefined) throw invalid("saveTo", "a file", "nothing: a presigned call has no answer");
  if (operation.eventStreamInput !== undefined) throw invalid("presign", "a stream of events", "an ordinary operation");
  return { type: "presigned", expiresInSeconds: seconds };
}

const invalid = (name: string, found: string, expected: string): AdapterError =>
  new AdapterError("INVALID_INPUT", {
    parameter: `iapMetadata.${name}`,
    found,
    expected,
    documentation: "the README describes iapMetadata.",
  });
