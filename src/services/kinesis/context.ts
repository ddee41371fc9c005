import type { Checked, Operation } from '../../protocol/service.ts';
import type { ThreadPool } from '../../support/thread-pool.ts';
import type { ChannelList } from './channels/channel-list.ts';
import type { Channels } from './channels/channels.ts';
import type { SubscriptionContext } from './read/context.ts';
import type { IteratorCodec } from './read/iterator.ts';
import type { PageTokens } from '../../aws/page-token.ts';
import type { RetentionSweeper } from './streams/retention-sweeper.ts';
import type { Streams } from './streams/streams.ts';
import type { RoundRobin } from './put/round-robin.ts';
import type { ReaderTracker } from './read/reader-tracker.ts';
import type { Subscriptions } from './read/subscriptions.ts';

/** The state and dependencies of the operations that only read. */
export interface KinesisReads extends SubscriptionContext {
  readonly iterators: IteratorCodec;
  readonly pages: PageTokens;
  readonly readers: ReaderTracker;
  readonly subscriptions: Subscriptions;
  readonly channels: ChannelList;
  /** Undefined if the server runs in a single thread. */
  readonly threads: ThreadPool | undefined;
  readonly showsStreamIds: boolean;
}

/** The state and dependencies of all operations. */
export interface Kinesis extends KinesisReads {
  readonly streams: Streams;
  readonly channels: Channels;
  readonly retention: RetentionSweeper;
  readonly roundRobin: RoundRobin;
}

export type Handler<Input, Output> = Operation<Kinesis, Checked<Input>, Output>;

/** An operation that machines which follow the owner can answer, too. */
export type ReadHandler<Input, Output> = Operation<KinesisReads, Checked<Input>, Output>;
