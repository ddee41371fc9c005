import { limits } from '../../../limits.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import api from '../api.json' with { type: 'json' };
import type { Kinesis } from '../context.ts';
import { validation } from '../errors.ts';
import { checkShardLimit } from '../shards/reshard-checks.ts';

const violationsOf = compileValidator(api, 'CreateStreamInput');

/** Makes streams be as declared: they come past the API, and are checked as it would check them. */
export interface StreamDeclarer {
  /**
   * Gives how many shards it would add, beside those that declarations before it add. Throws ServiceError as
   * CreateStream does.
   */
  readonly check: (name: string, shardCount: number | undefined, addedBefore?: number) => number;
  readonly declare: (name: string, shardCount: number | undefined) => Promise<void>;
}

export function streamDeclarer(kinesis: Kinesis): StreamDeclarer {
  const { streams } = kinesis;
  const check: StreamDeclarer['check'] = (name, shardCount, addedBefore = 0) => {
    const violations = violationsOf({ StreamName: name, ShardCount: shardCount ?? 1 });
    if (violations !== undefined) throw validation(violations);
    if (shardCount !== undefined && streams.get(name)?.row.mode === 'ON_DEMAND') {
      throw validation(
        `${name} is on demand and has the shards that its traffic wants: leave shardCount out`,
      );
    }
    const additional = additionalShards(kinesis, name, shardCount);
    // An account that is beyond a limit since before may start with what it has.
    if (additional > 0) checkShardLimit(kinesis, addedBefore + additional);
    return additional;
  };
  return {
    check,
    async declare(name, shardCount) {
      check(name, shardCount);
      const present = streams.get(name);
      if (present === undefined) {
        await streams.create({
          name,
          shardCount: shardCount ?? 1,
          mode: 'PROVISIONED',
          distribution: 'USER_PARTITION_KEY',
          maxRecordSizeKiB: limits.kinesisRecordKiBDefault,
          tags: {},
        });
        return;
      }
      const differs = shardCount !== undefined && present.map.shards.length !== shardCount;
      if (differs) await streams.reshard(present, { type: 'resize', count: shardCount });
    },
  };
}

/** How many more shards there are when the stream is as declared. */
function additionalShards({ streams }: Kinesis, name: string, shardCount: number | undefined): number {
  const present = streams.get(name);
  if (present === undefined) return shardCount ?? 1;
  return shardCount === undefined ? 0 : shardCount - present.map.shards.length;
}
