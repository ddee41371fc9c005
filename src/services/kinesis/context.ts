import type { Engine } from '../../engine/engine.ts';
import type { Checked, Operation } from '../../protocol/service.ts';
import type { ThreadPool } from '../../support/thread-pool.ts';
import type { Clock } from '../../support/clock.ts';
import type { Channels } from './channels/channels.ts';
import type { IteratorCodec } from './read/iterator.ts';
import type { KeyStore } from '../../engine/key-store.ts';
import type { PageTokens } from '../../aws/page-token.ts';
import { RecordCipher } from './records/record-cipher.ts';
import type { Retention } from './streams/retention-sweeper.ts';
import type { RoundRobin } from './put/round-robin.ts';
import type { Stream } from './streams/stream.ts';
import type { Streams } from './streams/streams.ts';
import type { Subscriptions } from './read/subscriptions.ts';
import type { Throttles } from './throttle/throttles.ts';

/** The state and dependencies of the operations. */
export interface Kinesis {
  readonly streams: Streams;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly iterators: IteratorCodec;
  readonly ciphers: Ciphers;
  readonly pages: PageTokens;
  readonly retention: Retention;
  readonly subscriptions: Subscriptions;
  readonly channels: Channels;
  readonly throttles: Throttles;
  readonly spreading: RoundRobin;
  /** Undefined if the server runs in a single thread. */
  readonly threads: ThreadPool | undefined;
  readonly showsStreamIds: boolean;
  readonly region: string;
  readonly accountId: string;
}

export type Handler<Input, Output> = Operation<Kinesis, Checked<Input>, Output>;

/** The record ciphers of streams, created on first use. */
export class Ciphers {
  readonly #keys: KeyStore;
  readonly #ciphers = new WeakMap<Stream, RecordCipher>();

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  of(stream: Stream): RecordCipher {
    let cipher = this.#ciphers.get(stream);
    if (cipher === undefined) {
      cipher = new RecordCipher(this.#keys.derive(`records of ${stream.id}`));
      this.#ciphers.set(stream, cipher);
    }
    return cipher;
  }
}
