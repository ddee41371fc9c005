import type { Checked, Operation } from '../../protocol/service.ts';
import type { ThreadPool } from '../../support/thread-pool.ts';
import type { Channels } from './channels/channels.ts';
import type { SubscriptionContext } from './read/context.ts';
import type { IteratorCodec } from './read/iterator.ts';
import type { PageTokens } from '../../aws/page-token.ts';
import type { RetentionSweeper } from './streams/retention-sweeper.ts';
import type { RoundRobin } from './put/round-robin.ts';
import type { Subscriptions } from './read/subscriptions.ts';

/** The state and dependencies of the operations. */
export interface Kinesis extends SubscriptionContext {
  readonly iterators: IteratorCodec;
  readonly pages: PageTokens;
  readonly retention: RetentionSweeper;
  readonly subscriptions: Subscriptions;
  readonly channels: Channels;
  readonly roundRobin: RoundRobin;
  /** Undefined if the server runs in a single thread. */
  readonly threads: ThreadPool | undefined;
  readonly showsStreamIds: boolean;
}

export type Handler<Input, Output> = Operation<Kinesis, Checked<Input>, Output>;
