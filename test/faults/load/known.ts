/** How what a store has differs from what it should have. */
export interface Problem {
  /** Other than it was stored; gone; or refused with an error. */
  readonly kind: 'wrong' | 'missing' | 'refused';
  readonly text: string;
}

/**
 * What a store must hold at a moment of its history, by what its clients were told. Moments are places in the log of
 * the disk: what was acknowledged before a place must be there when the power is cut at it, what was begun after it
 * cannot be there.
 */
export class Known {
  readonly voices = new Map<string, Voice>();
  readonly values = new Map<string, KnownValue>();
  readonly #now: () => number;

  /** `now`: where the log of the disk is. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records of one partition key of a stream, numbered from 0. */
  voice(stream: string, key: string): Voice {
    const name = `${stream} ${key}`;
    const voice = this.voices.get(name) ?? new Voice(stream, key, this.#now);
    this.voices.set(name, voice);
    return voice;
  }

  /** Something that is set again from time to time, by one client; '' as long as it is not there. */
  value(name: string): KnownValue {
    const value = this.values.get(name) ?? new KnownValue(this.#now);
    this.values.set(name, value);
    return value;
  }

  get acknowledged(): number {
    let count = 0;
    for (const voice of this.voices.values()) count += voice.acknowledgedBy(Infinity).length;
    for (const value of this.values.values()) count += value.acknowledgedBy(Infinity);
    return count;
  }
}

interface Attempt {
  readonly begun: number;
  /** Undefined when the call failed, or is under way. */
  acknowledged: number | undefined;
}

/** Runs the call; what came of one that fails is not known. */
async function attempt(call: () => Promise<unknown>, attempts: readonly Attempt[], now: () => number) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  for (const one of attempts) one.acknowledged = now();
  return undefined;
}

export class Voice {
  readonly stream: string;
  readonly key: string;
  readonly #now: () => number;
  readonly #records: Attempt[] = [];

  constructor(stream: string, key: string, now: () => number) {
    this.stream = stream;
    this.key = key;
    this.#now = now;
  }

  /** The error of a call that failed. */
  async put(count: number, call: (numbers: readonly number[]) => Promise<unknown>): Promise<unknown> {
    const first = this.#records.length;
    const begun = this.#now();
    const records = Array.from({ length: count }, (): Attempt => ({ begun, acknowledged: undefined }));
    this.#records.push(...records);
    return await attempt(() => call(records.map((_, place) => first + place)), records, this.#now);
  }

  acknowledgedBy(moment: number): number[] {
    return [...this.#records.keys()].filter((n) => (this.#records[n]?.acknowledged ?? Infinity) <= moment);
  }

  /** How many were begun. */
  begunBy(moment: number): number {
    return this.#records.filter(({ begun }) => begun <= moment).length;
  }

  /** What is wrong with the numbers that were found, in their order. */
  check(found: readonly number[], moment: number): Problem[] {
    const problems: Problem[] = [];
    const wrong = (text: string): void => {
      problems.push({ kind: 'wrong', text: `stream ${this.stream}, key ${this.key}: ${text}` });
    };
    for (const [place, n] of found.entries()) {
      const before = found[place - 1] ?? -1;
      if (n === before) wrong(`record ${n} is there twice`);
      else if (n < before) wrong(`record ${n} lies behind record ${before}`);
      if ((this.#records[n]?.begun ?? Infinity) > moment) wrong(`record ${n} was not put yet`);
    }
    const there = new Set(found);
    const lost = this.acknowledgedBy(moment).filter((n) => !there.has(n));
    if (lost.length > 0) {
      const text = `${lost.length} acknowledged records are lost, the first is ${lost[0]}`;
      problems.push({ kind: 'missing', text: `stream ${this.stream}, key ${this.key}: ${text}` });
    }
    return problems;
  }
}

export class KnownValue {
  readonly #now: () => number;
  readonly #versions: (Attempt & { readonly value: string })[] = [{ begun: 0, acknowledged: 0, value: '' }];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The last that was asked for. */
  get newest(): string {
    return this.#versions.at(-1)?.value ?? '';
  }

  /** The error of a call that failed. */
  async become(value: string, call: () => Promise<unknown>): Promise<unknown> {
    const version = { begun: this.#now(), acknowledged: undefined, value };
    this.#versions.push(version);
    return await attempt(call, [version], this.#now);
  }

  acknowledgedBy(moment: number): number {
    return this.#versions.filter(({ acknowledged }) => (acknowledged ?? Infinity) <= moment).length - 1;
  }

  /** The last that was acknowledged, and those that were asked for since. */
  allowed(moment: number): string[] {
    const last = this.#versions.findLastIndex(({ acknowledged }) => (acknowledged ?? Infinity) <= moment);
    return this.#versions
      .slice(last)
      .filter(({ begun }) => begun <= moment)
      .map(({ value }) => value);
  }

  check(name: string, found: string, moment: number): Problem[] {
    const allowed = this.allowed(moment);
    if (allowed.includes(found)) return [];
    const text = `${name} is ${named(found)}, and should be ${allowed.map(named).join(' or ')}`;
    return [{ kind: found === '' ? 'missing' : 'wrong', text }];
  }
}

function named(value: string): string {
  return value === '' ? 'not there' : JSON.stringify(value.slice(0, 100));
}
