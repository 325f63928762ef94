/** Owns the values under one set of attributes: what was counted, or how durations were spread. */

/** As JSON and as OpenTelemetry see it. */
export type AttributeValues = Readonly<Record<string, string | number | boolean>>;

export interface CounterPoint {
  readonly attributes: AttributeValues;
  readonly value: number;
}

export interface HistogramPoint {
  readonly attributes: AttributeValues;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** One more than there are boundaries: the last holds what is above all of them. */
  readonly buckets: readonly number[];
}

export interface Series {
  readonly attributes: AttributeValues;
  record(value: number): void;
  point(): CounterPoint | HistogramPoint;
}

export class CounterSeries implements Series {
  #value = 0;

  constructor(readonly attributes: AttributeValues) {}

  record(value: number): void {
    this.#value += value;
  }

  point(): CounterPoint {
    return { attributes: this.attributes, value: this.#value };
  }
}

export class HistogramSeries implements Series {
  readonly #boundaries: readonly number[];
  readonly #buckets: number[];
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** @param boundaries - ascending; a value equal to one is below it, as in OpenTelemetry */
  constructor(
    readonly attributes: AttributeValues,
    boundaries: readonly number[],
  ) {
    this.#boundaries = boundaries;
    this.#buckets = new Array<number>(boundaries.length + 1).fill(0);
  }

  record(value: number): void {
    const boundaries = this.#boundaries;
    let at = 0;
    while (at < boundaries.length && value > (boundaries[at] as number)) at += 1;
    this.#buckets[at] = (this.#buckets[at] as number) + 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  point(): HistogramPoint {
    const { attributes } = this;
    const range = this.#count === 0 ? { min: 0, max: 0 } : { min: this.#min, max: this.#max };
    return { attributes, count: this.#count, sum: this.#sum, ...range, buckets: [...this.#buckets] };
  }
}
