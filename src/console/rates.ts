import type { MetricRegistry } from '../metrics.ts';
import { sleep, type Clock } from '../support/clock.ts';
import { consoleLimits } from './limits.ts';

const NAMES = {
  IncomingRecords: 'putRecords',
  IncomingBytes: 'putBytes',
  'GetRecords.Records': 'readRecords',
  'SubscribeToShardEvent.Records': 'readRecords',
  WriteProvisionedThroughputExceeded: 'throttled',
} as const;

type RateName = (typeof NAMES)[keyof typeof NAMES];

/** Per second, between two measurements. */
export type Rates = Readonly<Record<RateName, number>>;

type Totals = Record<RateName, number>;

const NOTHING: Rates = { putRecords: 0, putBytes: 0, readRecords: 0, throttled: 0 };

/** The traffic of the streams, measured from their counters while somebody uses the console. */
export class RateSampler {
  readonly #metrics: MetricRegistry;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #totals = new Map<string, Totals>();
  #takenMs = 0;
  #rates = new Map<string, Rates>();
  /** Puts per second, oldest first: of each stream, and of all under the empty name. */
  readonly #history = new Map<string, number[]>();
  #users = 0;
  #running: Promise<void> | undefined;

  constructor(metrics: MetricRegistry, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Measures until the returned function was called as often as this one. */
  use(): () => void {
    this.#users++;
    this.#running ??= this.#run();
    let isUsed = true;
    return () => {
      if (isUsed) this.#users--;
      isUsed = false;
    };
  }

  of(stream: string): Rates {
    return this.#rates.get(stream) ?? NOTHING;
  }

  historyOf(stream: string): readonly number[] {
    return this.#history.get(stream) ?? [];
  }

  get all(): Rates {
    const sum: Totals = { ...NOTHING };
    for (const rates of this.#rates.values()) addTo(sum, rates);
    return sum;
  }

  /** Streams with traffic. */
  get busy(): Iterable<readonly [string, Rates]> {
    return this.#rates;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted && this.#users > 0) {
      this.#measure();
      await sleep(this.#clock, consoleLimits.refreshMs, signal);
    }
    this.#totals.clear();
    this.#rates.clear();
    this.#history.clear();
    this.#takenMs = 0;
    this.#running = undefined;
  }

  #measure(): void {
    const totals = this.#takeTotals();
    const nowMs = this.#clock.now();
    const seconds = (nowMs - this.#takenMs) / 1000;
    if (this.#takenMs > 0 && seconds > 0) {
      this.#rates = new Map();
      for (const [stream, now] of totals) {
        const rates = ratesBetween(this.#totals.get(stream), now, seconds);
        if (rates !== undefined) this.#rates.set(stream, rates);
      }
      this.#remember();
    }
    this.#totals = totals;
    this.#takenMs = nowMs;
  }

  #takeTotals(): Map<string, Totals> {
    const totals = new Map<string, Totals>();
    for (const samples of this.#metrics) {
      const { namespace, name, dimensions } = samples.identity;
      if (namespace !== 'AWS/Kinesis' || !isRate(name)) continue;
      const stream = dimensions.find((one) => one.name === 'StreamName')?.value;
      // Enhanced monitoring counts the same records once more, by shard.
      if (stream === undefined || dimensions.some((one) => one.name === 'ShardId')) continue;
      let sum = totals.get(stream);
      if (sum === undefined) totals.set(stream, (sum = { ...NOTHING }));
      sum[NAMES[name]] += samples.totalSum;
    }
    return totals;
  }

  #remember(): void {
    this.#push('', this.all.putRecords);
    for (const stream of this.#history.keys()) {
      if (stream !== '') this.#push(stream, this.of(stream).putRecords);
    }
    for (const [stream, { putRecords }] of this.#rates) {
      if (!this.#history.has(stream)) this.#push(stream, putRecords);
    }
  }

  #push(stream: string, value: number): void {
    const values = this.#history.get(stream) ?? [];
    values.push(Math.round(value * 10) / 10);
    if (values.length > consoleLimits.samplesMax) values.shift();
    this.#history.set(stream, values);
    if (stream !== '' && values.every((one) => one === 0)) this.#history.delete(stream);
  }
}

function isRate(name: string): name is keyof typeof NAMES {
  return Object.hasOwn(NAMES, name);
}

function ratesBetween(before: Totals | undefined, now: Totals, seconds: number): Rates | undefined {
  const rates: Totals = { ...NOTHING };
  let isBusy = false;
  for (const name of Object.values(NAMES)) {
    rates[name] = Math.max(0, now[name] - (before?.[name] ?? 0)) / seconds;
    isBusy ||= rates[name] > 0;
  }
  return isBusy ? rates : undefined;
}

function addTo(sum: Totals, rates: Rates): void {
  for (const name of new Set(Object.values(NAMES))) sum[name] += rates[name];
}
