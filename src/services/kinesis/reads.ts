import { PageTokens } from '../../aws/page-token.ts';
import type { DeclaredLimits } from '../../config/kinesis-limits.ts';
import type { Engine } from '../../engine/engine.ts';
import type { KeyStore } from '../../engine/key-store.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { kinesisAuthorization } from './actions.ts';
import { audit } from './audit.ts';
import type { ChannelList } from './channels/channel-list.ts';
import type { KinesisReads } from './context.ts';
import { expiredNextToken, invalidArgument } from './errors.ts';
import { kinesisLimits } from './limits.ts';
import { IteratorCodec } from './read/iterator.ts';
import { ReaderTracker } from './read/reader-tracker.ts';
import { Subscriptions } from './read/subscriptions.ts';
import { Ciphers } from './records/ciphers.ts';
import type { StreamImage } from './streams/stream-image.ts';
import { startThreads } from './threads/threads.ts';
import { Throttles } from './throttle/throttles.ts';
import unsupported from './unsupported.json' with { type: 'json' };

export interface ReadsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  /** Worker threads that parse large requests and encode large responses; none by default. */
  readonly workers?: number | undefined;
  /** Whether DescribeStreamSummary returns the StreamId; hidden by default. */
  readonly streamIds?: 'shown' | 'hidden' | undefined;
  /** Limits enforced on streams; none by default. */
  readonly limits?: DeclaredLimits | undefined;
}

interface ReadsParts {
  readonly keys: KeyStore;
  readonly channels: ChannelList;
  readonly streams: StreamImage;
}

/** What operations need that only read. */
export function readsOf(options: ReadsOptions, { keys, channels, streams }: ReadsParts): KinesisReads {
  const { engine, clock, log, region, accountId, workers = 0 } = options;
  return {
    streams,
    engine,
    clock,
    iterators: new IteratorCodec(keys.derive('shard iterators')),
    ciphers: new Ciphers(keys),
    pages: pageTokens(keys.derive('page tokens'), clock),
    readers: new ReaderTracker(),
    subscriptions: new Subscriptions(clock),
    channels,
    throttles: new Throttles(options),
    threads: workers === 0 ? undefined : startThreads(workers, log),
    showsStreamIds: options.streamIds === 'shown',
    region,
    accountId,
  };
}

/** What its API needs besides operations. */
export function tablesOf(reads: KinesisReads) {
  return { unsupported, audit, authorization: kinesisAuthorization(reads) };
}

function pageTokens(key: Buffer, clock: Clock): PageTokens {
  const ms = kinesisLimits.nextTokenLifeMs;
  return new PageTokens({
    key,
    life: { ms, clock, expired: (createdMs, nowMs) => expiredNextToken(createdMs, nowMs, ms) },
    invalid: () => invalidArgument('NextToken is invalid.'),
  });
}
