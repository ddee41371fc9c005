// Makes the pictures of the console in README.md and docs/: a server of its own with made-up orders, a Chromium (in
// $CHROMIUM, or /usr/bin/chromium). `node scripts/screenshots.ts`
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { chromium } from 'playwright-core';
import { clientOptions, startTestServer } from '../test/support/server.ts';

const folder = fileURLToPath(new URL('../docs/images', import.meta.url));
/** So long the server has traffic before the first picture: charts have something to show. */
const TRAFFIC_MS = 60_000;
const PUT_MS = 250;
const BATCH = 40;

mkdirSync(folder, { recursive: true });
await using server = await startTestServer();
const kinesis = new KinesisClient(clientOptions(server.endpoint));
for (const [StreamName, ShardCount] of [
  ['orders', 3],
  ['payments', 2],
  ['clicks', 4],
] as const) {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
}

const names = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Leslie'];
let count = 0;

function order(): Buffer {
  const id = count++;
  const customer = { id: id % 97, name: names[id % names.length] };
  const json = JSON.stringify({ order: 9_007_199_254_000_000 + id, amount: (id * 37) % 500, customer });
  return id % 9 === 0 ? gzipSync(json) : Buffer.from(json);
}

async function put(StreamName: string, records: number): Promise<void> {
  const Records = Array.from({ length: records }, () => {
    const Data = order();
    return { PartitionKey: count % 4 === 0 ? 'customer-7' : `customer-${count % 97}`, Data };
  });
  await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
}

const iterators = new Map<string, string | undefined>();

async function read(StreamName: string, ShardId: string): Promise<void> {
  const position = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const known = iterators.get(ShardId);
  const { ShardIterator } =
    known === undefined
      ? await kinesis.send(new GetShardIteratorCommand(position))
      : { ShardIterator: known };
  const { NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  iterators.set(ShardId, NextShardIterator);
}

const stop = new AbortController();
const traffic = (async () => {
  for (let turn = 0; !stop.signal.aborted; turn++) {
    const wave = 1 + Math.sin(turn / 15) / 2;
    await put('orders', Math.round(BATCH * wave));
    await put('payments', Math.round((BATCH / 3) * wave));
    if (turn % 2 === 0) await put('clicks', BATCH);
    await read('orders', `shardId-00000000000${turn % 3}`);
    await sleep(PUT_MS);
  }
})();

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, timezoneId: 'UTC' });
const page = await context.newPage();
// It measures while a page is open.
await page.goto(`${server.endpoint}/_nagare/console/#/streams`);
await sleep(TRAFFIC_MS);
for (const colorScheme of ['light', 'dark'] as const) {
  await page.emulateMedia({ colorScheme });
  await page.goto(`${server.endpoint}/_nagare/console/#/`);
  await page.getByText('Busiest streams now').waitFor();
  await sleep(3000);
  await page.screenshot({ path: `${folder}/console-overview-${colorScheme}.png` });
  await page.goto(`${server.endpoint}/_nagare/console/#/streams/orders`);
  await page.getByText('"order":').first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.rows tbody tr', { hasText: 'gzip' }).first().click();
  await page.locator('.payload').waitFor();
  await sleep(500);
  await page.screenshot({ path: `${folder}/console-records-${colorScheme}.png` });
}
stop.abort();
await traffic;
await browser.close();
kinesis.destroy();
