import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rm } from 'node:fs/promises';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import { PayloadCipher } from '../../../../src/engine/payload-cipher.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import { DeliveryStream } from '../../../../src/services/firehose/delivery-stream.ts';
import { PutLog } from '../../../../src/services/firehose/direct-put/put-log.ts';
import { PutRetention } from '../../../../src/services/firehose/direct-put/retention.ts';
import { DeliveryStreamMetrics } from '../../../../src/services/firehose/metrics.ts';
import { newDestination } from '../../../../src/services/firehose/configuration/destination.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { recordedLog } from '../../../support/recorded-log.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { s3Destination } from '../support.ts';

const HOUR_MS = 3_600_000;

test('drops records older than retentionHours and logs a warning', async () => {
  const folder = await temporaryFolder();
  const clock = new ManualClock(HOUR_MS);
  const engine = await openEmbeddedEngine({ folder, clock, log: silentLog });
  const cipher = new PayloadCipher(Buffer.alloc(32));
  const log = new PutLog({ engine, log: (await engine.createLogs(1))[0] ?? 0, owner: 'd', cipher }, false);
  const destination = newDestination(
    { DeliveryStreamName: 'd', ExtendedS3DestinationConfiguration: s3Destination('b') },
    { sourceType: 'DirectPut', streamName: 'd' },
  );
  const row = {
    id: 'd',
    name: 'd',
    createdMs: 0,
    version: 1,
    source: { type: 'DirectPut', log: 0, retentionHours: 2 },
    destination,
    tags: {},
  } as const;
  const stream = new DeliveryStream(row, 'arn', new DeliveryStreamMetrics(new MetricRegistry(), 'd'), log);
  const { log: serverLog, lines } = recordedLog();
  const retention = new PutRetention({ clock, log: serverLog, streams: () => [stream] });
  await log.put([Buffer.from('old'), Buffer.from('old too')], undefined);
  clock.advance(HOUR_MS);
  await log.put([Buffer.from('young')], undefined);
  clock.advance(HOUR_MS);
  retention.watch();
  clock.advance(60_000);
  await until(() => log.bounds.firstIndex === 2);
  assert.equal(log.bounds.nextIndex, 3);
  await until(() =>
    lines.some((line) =>
      line.startsWith('warn: records were dropped: they could not be delivered within 2 hours'),
    ),
  );
  await retention.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});
