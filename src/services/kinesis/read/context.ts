import type { Engine } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Ciphers } from '../records/ciphers.ts';
import type { Streams } from '../streams/streams.ts';
import type { Throttles } from '../throttle/throttles.ts';

/** Dependencies of code that reads the records of a given shard. */
export interface ReadContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ciphers: Ciphers;
}

/** Dependencies of code that also finds streams and consumers. */
export interface StreamContext extends ReadContext {
  readonly streams: Streams;
  readonly region: string;
  readonly accountId: string;
}

/** Dependencies of subscriptions. The context of the operations extends it. */
export interface SubscriptionContext extends StreamContext {
  readonly throttles: Throttles;
}
