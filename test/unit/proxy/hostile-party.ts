/** Owns a proxy between a client of raw bytes and a service of raw bytes. */
import assert from "node:assert/strict";
import type { SigningProxyOptions } from "../../../utils/proxy/signing-proxy";
import { ask, dummySignature, openProxy, openUpstream, type RawUpstream, until } from "./opened-proxy";

export const UNSIGNED = "UNSIGNED-PAYLOAD";
export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** @param answer - of the service; without one every request gets OK */
export async function between(
  answer: Parameters<typeof openUpstream>[0] = (socket) => void socket.write(OK),
  options: Partial<SigningProxyOptions> = {},
) {
  const upstream: RawUpstream = await openUpstream(answer);
  const opened = await openProxy({}, { upstreams: new Map([["s3", upstream.url]]), ...options });
  const { port } = opened.proxy;
  const send = (lines: string, body = "") => ask(port, lines, body);
  const nothingLeft = async () => {
    await until(() => opened.proxy.figures().inFlight === 0, "the proxy has finished");
    assert.equal(opened.proxy.figures().heldBytes, 0);
  };
  return { upstream, ...opened, port, send, nothingLeft };
}
export const signed = dummySignature({ hash: UNSIGNED });
