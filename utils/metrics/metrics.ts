/** Owns the measurements of one adapter: kept for whoever asks, and passed on to OpenTelemetry while somebody listens there. */
import type { Counter, Histogram } from "@opentelemetry/api";
import type { Clock } from "../types/clock";
import { type InstrumentKey, instruments, type ObservedKey, type RecordedKey } from "./instruments";
import type { MeterSource } from "./meter-source";
import { type AttributeValues, type CounterPoint, CounterSeries, type HistogramPoint, HistogramSeries } from "./series";

/** One instrument with everything that it measured. */
export interface MetricState {
  readonly name: string;
  readonly type: "counter" | "histogram" | "gauge";
  readonly unit: string;
  readonly description: string;
  readonly boundaries?: readonly number[];
  readonly points: readonly (CounterPoint | HistogramPoint)[];
}

/** What iapGetAdapterMetrics answers. */
export interface MetricsSnapshot {
  /** Of the service instance. */
  readonly id: string;
  /** ISO 8601. */
  readonly since: string;
  readonly at: string;
  readonly metrics: readonly MetricState[];
}

/** What a place that measures may do. */
export interface Recorder {
  /**
   * @param value - one more to a counter, or a duration in seconds
   * @param labels - values of the instrument's attributes, in their order; `undefined` leaves one out
   */
  record(key: RecordedKey, value: number, ...labels: readonly Label[]): void;
}

export type Label = string | number | undefined;

/** Series of one instrument; whatever comes after them is counted together, as OpenTelemetry does it. */
const MAX_SERIES = 1000;
const OVERFLOW: AttributeValues = { "otel.metric.overflow": true };
/** Says in which instance of this process something was measured. */
const ID_ATTRIBUTE = "adapter_aws.id";

interface Listener {
  readonly provider: unknown;
  readonly instruments: Partial<Record<RecordedKey, Counter | Histogram>>;
}

/** Found label by label: a key put together from them would be made, and hashed, for every measurement. */
interface Branch {
  kept?: KeptSeries;
  readonly branches: Map<Label, Branch>;
}

/** All that one instrument measured. */
interface Measured {
  readonly root: Branch;
  readonly all: KeptSeries[];
  overflow?: KeptSeries;
}

interface KeptSeries {
  readonly series: CounterSeries | HistogramSeries;
  /** With the id of the service instance. */
  readonly exported: AttributeValues;
}

/** Belongs to one adapter, and outlives its properties. */
export class Metrics implements Recorder {
  readonly #id: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #source: MeterSource | undefined;
  readonly #sinceMs: number;
  readonly #measured: Readonly<Record<RecordedKey, Measured>>;
  readonly #observed = new Map<ObservedKey, () => number>();
  #listener: Listener = { provider: undefined, instruments: {} };

  /**
   * @param id - of the service instance
   * @param source - without one, the measurements are kept only
   */
  constructor(id: string, clock: Pick<Clock, "now">, source?: MeterSource) {
    this.#id = id;
    this.#clock = clock;
    this.#source = source;
    this.#sinceMs = clock.now();
    const empty = (): Measured => ({ root: { branches: new Map() }, all: [] });
    const measured = Object.keys(instruments).map((key) => [key, empty()] as const);
    this.#measured = Object.fromEntries(measured) as Record<InstrumentKey, Measured>;
  }

  record(key: RecordedKey, value: number, ...labels: readonly Label[]): void {
    const { series, exported } = this.#seriesOf(key, labels);
    series.record(value);
    const source = this.#source;
    if (source === undefined) return;
    const registered = source.registered();
    if (registered !== this.#listener.provider) this.#listen(registered, source);
    if (registered !== undefined) this.#passOn(key, value, exported);
  }

  /** @param read - answers the present value whenever somebody asks; the latest given one counts */
  observe(key: ObservedKey, read: () => number): void {
    this.#observed.set(key, read);
  }

  snapshot(): MetricsSnapshot {
    const metrics = (Object.keys(instruments) as InstrumentKey[]).map((key): MetricState => {
      const { name, type, unit, description, boundaries } = instruments[key];
      const form = { name, type, unit, description, ...(boundaries === undefined ? {} : { boundaries }) };
      if (type !== "gauge") {
        const { all, overflow } = this.#measured[key as RecordedKey];
        return { ...form, points: [...all, ...(overflow === undefined ? [] : [overflow])].map(pointOf) };
      }
      const read = this.#observed.get(key as ObservedKey);
      return { ...form, points: read === undefined ? [] : [{ attributes: {}, value: read() }] };
    });
    const iso = (ms: number): string => new Date(ms).toISOString();
    return { id: this.#id, since: iso(this.#sinceMs), at: iso(this.#clock.now()), metrics };
  }

  #seriesOf(key: RecordedKey, labels: readonly Label[]): KeptSeries {
    const measured = this.#measured[key];
    let at: Branch | undefined = measured.root;
    for (let depth = 0; depth < labels.length && at !== undefined; depth += 1) at = at.branches.get(labels[depth]);
    if (at?.kept !== undefined) return at.kept;
    if (measured.all.length >= MAX_SERIES) {
      measured.overflow ??= this.#newSeries(key, OVERFLOW);
      return measured.overflow;
    }
    const kept = this.#newSeries(key, attributesOf(key, labels));
    measured.all.push(kept);
    branchOf(measured.root, labels).kept = kept;
    return kept;
  }

  #newSeries(key: RecordedKey, attributes: AttributeValues): KeptSeries {
    const { type, boundaries = [] } = instruments[key];
    const series = type === "counter" ? new CounterSeries(attributes) : new HistogramSeries(attributes, boundaries);
    return { series, exported: { ...attributes, [ID_ATTRIBUTE]: this.#id } };
  }

  /** Whoever listens is no reason for a call to fail. */
  #passOn(key: RecordedKey, value: number, attributes: AttributeValues): void {
    const instrument = this.#listener.instruments[key];
    if (instrument === undefined) return;
    try {
      if ("record" in instrument) instrument.record(value, attributes);
      else instrument.add(value, attributes);
    } catch {
      delete this.#listener.instruments[key];
    }
  }

  /** The platform may register its provider before or after us, or another one later. */
  #listen(provider: unknown, source: MeterSource): void {
    this.#listener = { provider, instruments: {} };
    if (provider === undefined) return;
    try {
      const meter = source.meter();
      // The provider may live longer than the adapter, and must not keep it.
      const self = new WeakRef(this);
      for (const key of Object.keys(instruments) as InstrumentKey[]) {
        const { name, type, unit, description, boundaries } = instruments[key];
        const options = { unit, description };
        if (type === "counter") this.#listener.instruments[key as RecordedKey] = meter.createCounter(name, options);
        else if (type === "histogram") {
          const advice = { explicitBucketBoundaries: [...(boundaries ?? [])] };
          this.#listener.instruments[key as RecordedKey] = meter.createHistogram(name, { ...options, advice });
        } else {
          meter.createObservableGauge(name, options).addCallback((result) => {
            const adapter = self.deref();
            if (adapter === undefined || adapter.#listener.provider !== provider) return;
            const read = adapter.#observed.get(key as ObservedKey);
            if (read !== undefined) result.observe(read(), { [ID_ATTRIBUTE]: adapter.#id });
          });
        }
      }
    } catch {
      this.#listener = { provider, instruments: {} };
    }
  }
}

/** Grows what is missing on the way. */
function branchOf(root: Branch, labels: readonly Label[]): Branch {
  let at = root;
  for (const label of labels) {
    const next = at.branches.get(label) ?? { branches: new Map() };
    at.branches.set(label, next);
    at = next;
  }
  return at;
}

const pointOf = ({ series }: KeptSeries): CounterPoint | HistogramPoint => series.point();

function attributesOf(key: RecordedKey, labels: readonly Label[]): AttributeValues {
  const { attributes, constants } = instruments[key];
  const given = attributes.flatMap((name, at) => (labels[at] === undefined ? [] : [[name, labels[at]] as const]));
  return { ...constants, ...Object.fromEntries(given) };
}
