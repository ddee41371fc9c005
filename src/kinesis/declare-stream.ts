import { limits } from '../limits.ts';
import { compileValidator } from '../protocol/validation.ts';
import api from './api.json' with { type: 'json' };
import { validation } from './errors.ts';
import type { Streams } from './streams.ts';

/** Makes streams be as declared: they come past the API, and are checked as it would check them. */
export function streamDeclarer(
  streams: Streams,
): (name: string, shardCount: number | undefined) => Promise<void> {
  const violationsOf = compileValidator(api, 'CreateStreamInput');
  return async (name, shardCount) => {
    const violations = violationsOf({ StreamName: name, ShardCount: shardCount ?? 1 });
    if (violations !== undefined) throw validation(violations);
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
    if (differs && present.row.mode === 'PROVISIONED') {
      await streams.reshard(present, { type: 'resize', count: shardCount });
    }
  };
}
