/** Owns the table of what is measured: each instrument with its name, unit, buckets and attributes. */

/** Seconds, as the RPC conventions advise. https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/ */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

type CounterKey = "lookups";
type HistogramKey = "calls" | "attempts" | "flights" | "stsCalls" | "queueWaits" | "rateWaits";
/** What counts or measures as it happens. */
export type RecordedKey = CounterKey | HistogramKey;
/** What is looked at when somebody asks. */
export type ObservedKey = "queueDepth" | "callsActive";
export type InstrumentKey = RecordedKey | ObservedKey;

interface InstrumentForm<Type> {
  readonly name: string;
  readonly type: Type;
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  /** Names of the attributes, in the order in which `record` is given their values. */
  readonly attributes: readonly string[];
  /** The same on every measurement. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Upper bounds of the buckets, for a histogram. */
  readonly boundaries?: readonly number[];
}

interface HistogramForm extends InstrumentForm<"histogram"> {
  readonly boundaries: readonly number[];
}

/** `rpc.client.call.duration` is OpenTelemetry's; for the others it has no name, and they are under our own. */
export const instruments: Readonly<
  Record<CounterKey, InstrumentForm<"counter">> &
    Record<HistogramKey, HistogramForm> &
    Record<ObservedKey, InstrumentForm<"gauge">>
> = {
  calls: {
    name: "rpc.client.call.duration",
    type: "histogram",
    unit: "s",
    description: "Calls of the platform from the method to its callback, the wait for a place in the queue included",
    attributes: ["rpc.method", "error.type"],
    constants: { "rpc.system.name": "aws-api" },
    boundaries: SECONDS,
  },
  attempts: {
    name: "adapter_aws.attempt.duration",
    type: "histogram",
    unit: "s",
    description: "Requests sent to services, each repetition of a call counted for itself",
    attributes: ["adapter_aws.service", "http.response.status_code", "error.type"],
    boundaries: SECONDS,
  },
  lookups: {
    name: "adapter_aws.credential.lookups",
    type: "counter",
    unit: "{lookup}",
    description: "Questions to the identity cache: hit, joined (somebody fetches already) or fetched",
    attributes: ["adapter_aws.credential.source", "adapter_aws.credential.result"],
  },
  flights: {
    name: "adapter_aws.credential.fetch.duration",
    type: "histogram",
    unit: "s",
    description: "Fetches of an identity: on demand or as early refresh, from its source or from the shared store",
    attributes: [
      "adapter_aws.credential.source",
      "adapter_aws.credential.reason",
      "adapter_aws.credential.origin",
      "error.type",
    ],
    boundaries: SECONDS,
  },
  stsCalls: {
    name: "adapter_aws.sts.call.duration",
    type: "histogram",
    unit: "s",
    description: "Calls of STS that a role chain makes (AssumeRole and its relatives), repetitions included",
    attributes: ["rpc.method", "error.type"],
    constants: { "rpc.system.name": "aws-api" },
    boundaries: SECONDS,
  },
  queueWaits: {
    name: "adapter_aws.queue.wait.duration",
    type: "histogram",
    unit: "s",
    description: "Waits of calls for a place in the queue, those that ended without one included",
    attributes: ["error.type"],
    boundaries: SECONDS,
  },
  rateWaits: {
    name: "adapter_aws.rate_control.wait.duration",
    type: "histogram",
    unit: "s",
    description: "Waits of requests for the rate that a service allows the account",
    attributes: ["adapter_aws.service"],
    boundaries: SECONDS,
  },
  queueDepth: {
    name: "adapter_aws.queue.depth",
    type: "gauge",
    unit: "{call}",
    description: "Calls that wait for a place in the queue or for the end of a suspension",
    attributes: [],
  },
  callsActive: {
    name: "adapter_aws.calls.active",
    type: "gauge",
    unit: "{call}",
    description: "Calls under way, those that wait included",
    attributes: [],
  },
};
