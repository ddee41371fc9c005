/**
 * Loaded into a server before the server itself (--import): what takes gigabytes and minutes comes about in seconds.
 * Files are small, and what has expired or is to be moved is looked for again and again.
 */
import { limits } from '../../src/limits.ts';

const small: Partial<Record<keyof typeof limits, number>> = {
  segmentBytes: 256 * 1024,
  chunkBytesMax: 16 * 1024,
  tailCacheBytes: 256 * 1024,
  kinesisRetentionSweepMs: 50,
  objectUnsettledBytesMax: 64 * 1024,
  objectSettleDelayMs: 100,
};
Object.assign(limits, small);
