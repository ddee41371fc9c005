import { openOn } from '../../../src/engine/s3-log/open.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { describeEngineOver } from '../shared/engine-over-log.ts';
import { MemoryBucket } from './memory-objects.ts';

describeEngineOver('S3 in memory', () => {
  const bucket = new MemoryBucket();
  const options = { bucket: 'b', prefix: 'p/', delayMs: 5, clock: systemClock, log: silentLog };
  return Promise.resolve({ open: () => openOn(bucket.open(), options) });
});
