/** Owns iapRunAdapterConnectivity: the way from the platform to AWS, step by step. */
import { type ProbeOptions, type ProbeResult, type ProbeTarget, probeConnection } from "../http/probe-connection";
import type { Settings } from "../settings/settings";
import type { Performance } from "./adapter-parts";
import { CallError, localEnvelope } from "./envelope";
import { identityCheck } from "./identity-check";

interface HttpStep {
  readonly step: "http";
  readonly ok: boolean;
  readonly durationMs: number;
  readonly found: string;
}

/** Where the health check goes, and through what: `aws_sts` may have a proxy of its own. */
function wayOf(settings: Settings): {
  readonly target: ProbeTarget;
  readonly way: Pick<ProbeOptions, "proxy" | "tls">;
} {
  const { metadata, way } = identityCheck(settings);
  const { host, port, protocol } = { ...settings.endpoint, ...metadata?.callProperties };
  const target: ProbeTarget = {
    protocol: `${protocol}:`,
    hostname: host ?? new URL(settings.sts.url).hostname,
    ...(port === undefined ? {} : { port: Number(port) }),
  };
  const { proxy, tls } = way === "sts" ? settings.sts : settings;
  return { target, way: { proxy, tls } };
}

/** Answers whether AWS can be reached at all; what AWS thinks of the credentials is the health check's matter. */
export const runConnectivity: Performance = async (parts) => {
  const { instance, clock, files } = parts;
  const { settings } = instance;
  if (settings === undefined) throw instance.problem;
  const { target, way } = wayOf(settings);
  if (settings.stub) return localEnvelope({ reachable: true, host: target.hostname, stub: true, steps: [] });
  const timeoutMs = settings.request.attemptTimeoutMs;
  const steps: (ProbeResult | HttpStep)[] = await probeConnection(target, { clock, files, timeoutMs, ...way });
  if (steps.every(({ ok }) => ok)) {
    const sinceMs = clock.monotonic();
    const answered = await parts
      .call(() => identityCheck(settings), "direct")
      .then(
        ({ code }) => ({ ok: true, found: `HTTP ${code}` }),
        (thrown: unknown) => {
          const { IAPerror } = thrown as CallError;
          const ok = thrown instanceof CallError && IAPerror.code !== undefined;
          return { ok, found: ok ? `HTTP ${IAPerror.code}: ${IAPerror.displayString}` : IAPerror.displayString };
        },
      );
    steps.push({ step: "http", durationMs: Math.round((clock.monotonic() - sinceMs) * 10) / 10, ...answered });
  }
  const { hostname, protocol, port } = target;
  const reachable = steps.every(({ ok }) => ok);
  return localEnvelope({ reachable, host: hostname, port: port ?? (protocol === "https:" ? 443 : 80), steps });
};
