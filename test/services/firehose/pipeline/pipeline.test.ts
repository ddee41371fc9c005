import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  PutRecordCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import { streamsTable } from '../../../../src/services/firehose/rows.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { until } from '../../../support/until.ts';
import { s3Destination, startFirehose } from '../support.ts';

it('delivers nothing with settings that cannot be used any more, until they are updated, and starts nevertheless', async () => {
  await using world = await startFirehose();
  const { firehose, server } = world;
  await world.createBucket('lake');
  for (const DeliveryStreamName of ['bad', 'good']) {
    const ExtendedS3DestinationConfiguration = s3Destination('lake', { Prefix: `${DeliveryStreamName}/` });
    await firehose.send(
      new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
    );
  }
  await server.stop();
  await corrupt(server.dataDir);
  await server.restart();
  for (const DeliveryStreamName of ['bad', 'good']) {
    const Record = { Data: Buffer.from(DeliveryStreamName) };
    await firehose.send(new PutRecordCommand({ DeliveryStreamName, Record }));
  }
  const texts = async () => (await world.objects('lake')).map(({ text }) => text).join(' ');
  await until(async () => (await texts()) === 'good');
  const health = await fetch(`${server.endpoint}/health`);
  assert.match(await health.text(), /delivery streams that cannot deliver: 1/);
  await firehose.send(
    new UpdateDestinationCommand({
      DeliveryStreamName: 'bad',
      CurrentDeliveryStreamVersionId: '1',
      DestinationId: 'destinationId-000000000001',
      ExtendedS3DestinationUpdate: { CustomTimeZone: 'UTC' },
    }),
  );
  await until(async () => (await texts()) === 'bad good');
});

/** Gives a delivery stream a time zone that does not exist, as if it had been removed. */
async function corrupt(dataDir: string): Promise<void> {
  const engine = await openEmbeddedEngine({
    folder: join(dataDir, 'engine'),
    clock: systemClock,
    log: silentLog,
  });
  const streams = streamsTable(engine.catalog);
  const row = streams.get('bad');
  assert.ok(row?.destination.kind === 'S3');
  const { destination } = row;
  const settings = { ...destination.settings, CustomTimeZone: 'Mars/Phobos' };
  await engine.catalog.commit((transaction) =>
    transaction.put(streams, 'bad', { ...row, destination: { ...destination, settings } }),
  );
  await engine.close();
}
