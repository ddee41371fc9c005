/**
 * Loaded into a server before the server itself (--import): what takes gigabytes and minutes comes about in seconds.
 * Files are small, and what has expired or is to be moved is looked for again and again.
 */
import { engineLimits } from '../../src/engine/limits.ts';
import { kinesisLimits } from '../../src/services/kinesis/limits.ts';
import { s3Limits } from '../../src/services/s3/limits.ts';

shrink(engineLimits, { segmentBytes: 256 * 1024, chunkBytesMax: 16 * 1024, tailCacheBytes: 256 * 1024 });
shrink(kinesisLimits, { retentionSweepMs: 50 });
shrink(s3Limits, { objectUnsettledBytesMax: 64 * 1024, objectSettleDelayMs: 100 });

function shrink<Limits extends object>(limits: Limits, small: { [Name in keyof Limits]?: number }): void {
  Object.assign(limits, small);
}
