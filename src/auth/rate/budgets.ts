import { TokenBucket } from '../../support/token-bucket.ts';

export interface RateSettings {
  /** 0: no limit. */
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Concurrent answers that end when the client leaves, such as those of SubscribeToShard. */
  readonly streams: number;
}

export type RateLimit = 'requests' | 'bytes' | 'streams';

/** What one caller or one address may still do. */
export class Budget {
  readonly #requests: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  readonly #streamsMax: number;
  #streams = 0;

  constructor({ requestsPerSecond, bytesPerSecond, streams }: RateSettings, nowMs: number) {
    this.#requests = requestsPerSecond === 0 ? undefined : new TokenBucket(requestsPerSecond, nowMs);
    this.#bytes = bytesPerSecond === 0 ? undefined : new TokenBucket(bytesPerSecond, nowMs);
    this.#streamsMax = streams === 0 ? Infinity : streams;
  }

  /** Whether nothing depends on it: forgetting it could only grant more. */
  get isIdle(): boolean {
    return this.#streams === 0;
  }

  /** Takes a request with its body, unless a limit is reached: then returns which. */
  request(bytes: number, nowMs: number): RateLimit | undefined {
    if (this.#bytes?.isOpen(nowMs) === false) return 'bytes';
    if (this.#requests?.take(1, nowMs) === false) return 'requests';
    this.#bytes?.charge(bytes, nowMs);
    return undefined;
  }

  /** Charges bytes that were not known before. */
  charge(bytes: number, nowMs: number): void {
    this.#bytes?.charge(bytes, nowMs);
  }

  hasStream(): boolean {
    return this.#streams < this.#streamsMax;
  }

  openStream(): void {
    this.#streams++;
  }

  closeStream(): void {
    this.#streams--;
  }
}

/** Remembers values by key, at most so many: the one that was not used for longest is forgotten first. */
export class Recent<Value extends { readonly isIdle: boolean }> {
  readonly #max: number;
  readonly #make: (key: string) => Value;
  readonly #values = new Map<string, Value>();

  constructor(max: number, make: (key: string) => Value) {
    this.#max = max;
    this.#make = make;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value {
    const known = this.#values.get(key);
    const value = known ?? this.#make(key);
    if (known !== undefined) this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#max) this.#forgetOldest();
    return value;
  }

  /** One that is in use is kept, and counts as used now: open streams are bounded by connections. */
  #forgetOldest(): void {
    const [oldest] = this.#values;
    if (oldest === undefined) return;
    const [key, value] = oldest;
    this.#values.delete(key);
    if (!value.isIdle) this.#values.set(key, value);
  }
}
