import { invalidArgument, violatedConstraint } from '../errors.ts';
import { parseHashKey } from '../shards/hash-key.ts';
import type { PutEntry } from './pack.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * The most UTF-8 bytes that one UTF-16 unit can take: most strings are accepted by this estimate alone, without
 * counting.
 */
export const UTF8_BYTES_MAX = 3;

/**
 * Checks what the model's bounds do not cover. `path` is the position in the request, in the form of AWS's messages:
 * `records.1.member.`, or empty.
 */
export function checkEntry(
  stream: Stream,
  partitionKey: string | undefined,
  explicitHashKey: string | undefined,
  data: Uint8Array,
  path: string,
): PutEntry {
  const { maxRecordSizeKiB, distribution } = stream.row;
  const most = maxRecordSizeKiB * 1024;
  if (data.length > most) {
    throw violatedConstraint('', `${path}data`, `Member must have length less than or equal to ${most}`);
  }
  const byKey = distribution === 'USER_PARTITION_KEY';
  if (partitionKey === undefined && byKey) {
    throw violatedConstraint(' null', `${path}partitionKey`, 'Member must not be null');
  }
  const key = partitionKey ?? '';
  const mostBytes = data.length + key.length * UTF8_BYTES_MAX;
  if (mostBytes > most && data.length + Buffer.byteLength(key) > most) {
    throw invalidArgument(
      `The data of a record and its partition key must not be larger than ${most} bytes together.`,
    );
  }
  if (byKey && explicitHashKey !== undefined && parseHashKey(explicitHashKey) === undefined) {
    throw invalidArgument(
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. ' +
        `Specified value was ${explicitHashKey}`,
    );
  }
  return { partitionKey: key, explicitHashKey, data };
}
