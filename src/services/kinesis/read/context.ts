import type { Engine } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Ciphers } from '../records/ciphers.ts';
import type { StreamImage } from '../streams/stream-image.ts';
import type { Throttles } from '../throttle/throttles.ts';

/** Dependencies of code that reads the records of a given shard. */
export interface ReadContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly ciphers: Ciphers;
  /** The engine has what another machine has committed, perhaps not the newest of it. */
  readonly isCopy?: boolean;
}

/** Dependencies of code that also finds streams and consumers. */
export interface StreamContext extends ReadContext {
  readonly streams: StreamImage;
  readonly region: string;
  readonly accountId: string;
}

/** Dependencies of subscriptions. The context of the operations extends it. */
export interface SubscriptionContext extends StreamContext {
  readonly throttles: Throttles;
}
