/** Owns the checks of the way to AWS: the clock, the names, the proxy. One unsigned request to STS answers most of it. */
import { clockDifference, isClockOff } from "../../client/clock-advice";
import { type AdapterError, toAdapterError } from "../../errors/adapter-error";
import type { Settings } from "../../settings/settings";
import type { Clock } from "../../types/clock";
import type { HttpHandler } from "../../types/http";
import type { ProxySettings } from "../../types/proxy";
import { recogniseFault } from "./recognise-fault";
import type { Check } from "./report";

/** What one look at STS told, signed by nobody. */
export interface Probe {
  readonly error?: AdapterError;
  /** How far AWS's clock is ahead of ours. */
  readonly clockOffsetMs?: number;
  readonly durationMs: number;
}

/** Resolves a name to its addresses. @throws the system's error */
export type Lookup = (host: string) => Promise<readonly string[]>;

type Outcome = Omit<Check, "name" | "title">;

const HEADERS = { accept: "*/*" } as const;

/** Any answer will do: its Date header is AWS's clock. */
export async function probeSts(settings: Settings, handler: HttpHandler, clock: Clock): Promise<Probe> {
  const url = new URL(settings.sts.url);
  const startedMs = clock.monotonic();
  try {
    const { headers } = await handler.handle(
      {
        method: "GET",
        protocol: url.protocol === "http:" ? "http:" : "https:",
        hostname: url.hostname,
        ...(url.port === "" ? {} : { port: Number(url.port) }),
        path: "/",
        headers: { ...HEADERS, host: url.host },
      },
      { timeoutMs: settings.request.attemptTimeoutMs, responseBody: "buffer" },
    );
    const durationMs = clock.monotonic() - startedMs;
    const serverMs = Date.parse(headers["date"] ?? "");
    return Number.isNaN(serverMs) ? { durationMs } : { durationMs, clockOffsetMs: serverMs - clock.now() };
  } catch (thrown) {
    return { error: toAdapterError(thrown), durationMs: clock.monotonic() - startedMs };
  }
}

export function checkTime({ error, clockOffsetMs, durationMs }: Probe): Outcome {
  if (clockOffsetMs === undefined) {
    const found = error === undefined ? "STS sent no date" : "STS did not answer, so there is no clock to compare with";
    return { status: "not-tried", found, durationMs };
  }
  if (!isClockOff(clockOffsetMs)) return { status: "passed", found: "within a few seconds of AWS's", durationMs };
  return {
    status: "warning",
    found: `the clock of this server is ${clockDifference(clockOffsetMs)}`,
    advice: "Set it by NTP. The adapter corrects its signatures after the first refusal; other programs do not.",
    durationMs,
  };
}

const hostOf = ({ sts, endpoint }: Settings, proxy: ProxySettings | undefined): readonly string[] => {
  const hosts = proxy === undefined ? [new URL(sts.url).hostname, endpoint.host] : [proxy.host];
  return [...new Set(hosts.filter((host) => host !== undefined))];
};

/** Behind a proxy only its own name has to be known here. */
export async function checkDns(settings: Settings, lookup: Lookup, clock: Clock): Promise<Outcome> {
  const startedMs = clock.monotonic();
  const found: string[] = [];
  const failed: string[] = [];
  for (const host of hostOf(settings, settings.sts.proxy)) {
    try {
      found.push(`${host} is ${(await lookup(host.replace(/^\[|\]$/g, ""))).join(", ")}`);
    } catch (reason) {
      failed.push(`${host} cannot be resolved (${(reason as NodeJS.ErrnoException).code ?? String(reason)})`);
    }
  }
  const durationMs = clock.monotonic() - startedMs;
  if (failed.length === 0) return { status: "passed", found: found.join("; "), durationMs };
  const advice = "Check the name in host and aws_sts.endpoint, and the DNS server of the platform server.";
  return { status: "failed", found: failed.join("; "), advice, durationMs };
}

export function checkProxy({ sts }: Settings, { error, durationMs }: Probe): Outcome {
  const { proxy } = sts;
  if (proxy === undefined) {
    if (error === undefined) return { status: "passed", found: `none is set; ${sts.url} answers directly`, durationMs };
    return { status: "skipped", found: "none is set", durationMs: 0 };
  }
  const words = proxy.mode === "forward" ? `proxy ${proxy.host}:${proxy.port}` : `load balancer ${proxy.host}`;
  if (error === undefined) return { status: "passed", found: `${sts.url} answers through the ${words}`, durationMs };
  const found = recogniseFault({ error, actor: "nobody", hasSessionToken: false });
  return { status: "failed", found, advice: error.recommendation, durationMs };
}
