import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parseSharedLogUrl } from '../../src/config/shared-log-url.ts';
import { LOG_START } from '../../src/engine/shared/shared-log.ts';
import { openSharedLog, type OpenedLog } from '../../src/server/shared-log.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { FakeBroker } from '../engine/kafka/fake-broker.ts';
import { createBucket } from '../engine/s3-log/stores.ts';
import { append, framesUpTo, textsOf } from '../engine/shared/log-contract.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function opened(t: TestContext, url: string, workingFolder: string): Promise<OpenedLog> {
  const sources = { environment: {}, workingFolder, clock: systemClock, log: silentLog };
  const found = await openSharedLog(parseSharedLogUrl(url), sources);
  t.after(() => found.log.close());
  return found;
}

async function works({ log }: OpenedLog): Promise<void> {
  await log.takeOver({ url: 'http://127.0.0.1:4566', version: '0.1.0' }, LOG_START);
  const last = await append(log, 'x');
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['x']);
}

test('a Kafka URL opens a topic, with the password from a file', async (t) => {
  const broker = await FakeBroker.start();
  t.after(() => broker.close());
  broker.users = new Map([['nagare', 'open sesame']]);
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'password'), 'open sesame\n');
  const options = 'sasl=PLAIN&secret=password&durability=quorum-fsync';
  const url = `kafka://nagare@127.0.0.1:${broker.address.port}/my-log?${options}`;
  const log = await opened(t, url, folder);
  assert.equal(log.durability, 'quorum-fsync');
  assert.equal(broker.topic?.name, 'my-log');
  await works(log);
});

test('a Kafka URL with files of TLS that do not exist is refused by their name', async (t) => {
  const broker = await FakeBroker.start();
  t.after(() => broker.close());
  const url = `kafka://127.0.0.1:${broker.address.port}/my-log?tls=on&ca=missing.pem`;
  await assert.rejects(opened(t, url, '/nowhere'), /cannot read \/nowhere\/missing\.pem/);
});

test('an S3 URL opens a prefix of a bucket', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  await createBucket(server.endpoint);
  const log = await opened(t, `s3://logs/cluster?endpoint=${server.endpoint}&delay-ms=5`, '/');
  assert.equal(log.durability, 'object-store');
  await works(log);
  // Its connections would keep the store from closing.
  await log.log.close();
});
