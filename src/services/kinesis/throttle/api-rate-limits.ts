import { limitedOperations, type LimitedOperation } from '../../../config/kinesis-limits.ts';
import type { ServiceError } from '../../../errors.ts';
import type { Operation, OperationTable } from '../../../protocol/service.ts';
import { parseArn } from '../arn.ts';
import { consumerByArn } from '../read/consumers.ts';
import type { KinesisReads } from '../context.ts';
import { callRateExceeded, shardRateExceeded } from '../errors.ts';
import type { OperationName } from '../operations/index.ts';
import { shardIdOf, shardIndexOf } from '../shards/shard.ts';
import { TokenBucket } from '../../../support/token-bucket.ts';

type Scope = 'account' | 'stream' | 'shard' | 'subscription';

/** What AWS counts an operation's calls by; the account if it is not listed. */
const scopes: Partial<Record<LimitedOperation, Scope>> = {
  DecreaseStreamRetentionPeriod: 'stream',
  DeregisterStreamConsumer: 'stream',
  DescribeStreamConsumer: 'stream',
  DisableEnhancedMonitoring: 'stream',
  EnableEnhancedMonitoring: 'stream',
  GetShardIterator: 'shard',
  IncreaseStreamRetentionPeriod: 'stream',
  ListShards: 'stream',
  ListStreamConsumers: 'stream',
  SubscribeToShard: 'subscription',
};

/** Input members that name the stream, shard or consumer. */
interface Naming {
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly StreamId?: string;
  readonly ConsumerARN?: string;
  readonly ShardId?: string;
}

/**
 * Puts a rate limit in front of the operations that have one. A call over the limit is refused before it is validated
 * further.
 */
export function withCallRates<
  Context extends KinesisReads,
  Handlers extends Partial<OperationTable<Context, OperationName>>,
>(operations: Handlers, kinesis: Context): Handlers {
  const rates = kinesis.throttles.account.callsPerSecond;
  const limited: Partial<Record<OperationName, Operation<Context, never, object | void>>> = {};
  for (const name of limitedOperations) {
    const operation = operations[name];
    if (rates[name] === Infinity || typeof operation !== 'function') continue;
    const calls = new Calls(rates[name]);
    limited[name] = (context, input, call) => {
      if (calls.admit(keyOf(context, name, input), context.clock.now()))
        return operation(context, input, call);
      throw refusal(context, name, input);
    };
  }
  return { ...operations, ...limited };
}

/** A token bucket for each scope that calls are counted by. */
class Calls {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweptMs = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  admit(key: string, nowMs: number): boolean {
    this.#sweep(nowMs);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#perSecond, nowMs);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(1, nowMs);
  }

  /** Removes full buckets: they are the same as new ones. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < 1000) return;
    this.#sweptMs = nowMs;
    for (const [key, bucket] of this.#buckets) {
      if (bucket.has(this.#perSecond, nowMs)) this.#buckets.delete(key);
    }
  }
}

function keyOf(kinesis: KinesisReads, name: LimitedOperation, input: Naming): string {
  const scope = scopes[name] ?? 'account';
  switch (scope) {
    case 'account':
      return '';
    case 'stream':
      return streamOf(kinesis, input) ?? '';
    case 'shard':
      return `${streamOf(kinesis, input)}/${shardIndexOf(input.ShardId ?? '')}`;
    case 'subscription':
      return `${input.ConsumerARN}/${shardIndexOf(input.ShardId ?? '')}`;
  }
}

/** The name of the stream that a call is about, whether or not it exists. */
function streamOf(
  kinesis: KinesisReads,
  { StreamName, StreamARN, StreamId, ConsumerARN }: Naming,
): string | undefined {
  const named = StreamName ?? parseArn(StreamARN ?? ConsumerARN ?? '')?.streamName;
  return named ?? kinesis.streams.byId(StreamId ?? '')?.name;
}

/** In AWS's wording. A refused subscription counts as well. */
function refusal(kinesis: KinesisReads, name: LimitedOperation, input: Naming): ServiceError {
  const stream = streamOf(kinesis, input);
  if (name === 'GetShardIterator') {
    const shardId = shardIdOf(shardIndexOf(input.ShardId ?? '') ?? 0);
    return shardRateExceeded(shardId, stream ?? '', kinesis.accountId);
  }
  if (name === 'SubscribeToShard') {
    const { stream: of, row } = consumerByArn(kinesis, input.ConsumerARN ?? '');
    of.metrics.subscription(row.name).rateExceeded.add(1);
  }
  return callRateExceeded(stream, kinesis.accountId);
}
