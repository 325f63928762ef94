/** Owns the JSON of a plain CALL RETURN: what JSON.stringify makes of it, put together by hand, as every call writes one. */

export interface PlainReturn {
  readonly callId: string;
  readonly attempt: number;
  readonly service: string;
  readonly operation: string;
  readonly statusCode: number;
  readonly durationMs: number;
  /** As AWS sent it, masked. */
  readonly requestId: string | undefined;
}

/** Quotes, backslashes, control characters and halves of pairs: https://tc39.es/ecma262/#sec-quotejsonstring */
const WRITTEN_OTHERWISE = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** @returns exactly what JSON.stringify does */
export function returnJson(entry: PlainReturn): string {
  const { callId, attempt, service, operation, statusCode, durationMs, requestId } = entry;
  const isPlain =
    Number.isFinite(attempt + statusCode + durationMs) &&
    !WRITTEN_OTHERWISE.test(callId) &&
    !WRITTEN_OTHERWISE.test(service) &&
    !WRITTEN_OTHERWISE.test(operation) &&
    (requestId === undefined || !WRITTEN_OTHERWISE.test(requestId));
  if (!isPlain) return JSON.stringify(entry);
  const id = requestId === undefined ? "" : `,"requestId":"${requestId}"`;
  return `{"callId":"${callId}","attempt":${attempt},"service":"${service}","operation":"${operation}","statusCode":${statusCode},"durationMs":${durationMs}${id}}`;
}
