/**
 * The console's budgets in a real Chromium: the page of a fast stream, and pages of very many streams. What depends on
 * the speed of the machine is measured in processor time. CONSOLE_SECONDS makes the tail longer
 * (npm run test:long -- console: ten minutes).
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { KeySketch } from '../../src/console/sketch.ts';
import { ConsoleClient } from '../console/client.ts';
import { fillTailCache } from '../faults/load/fill-tail-cache.ts';
import { reportsMemory, usedBytesOf } from '../faults/load/used-bytes.ts';
import { processorMsOf } from '../support/processor-time.ts';
import { clientOptions, spawnServer, type ServerProcess } from '../support/server.ts';
import { until } from '../support/until.ts';
import { launchChromium, noChromium as skip, pageIn } from './chromium.ts';
import { pageHeapBytes, workerHeapBytes } from './memory.ts';
import { processorMsDuring, tasksDuring } from './tasks.ts';

const seconds = Number(process.env['CONSOLE_SECONDS'] ?? 16);
const isLong = seconds >= 600;
const RECORDS_PER_SECOND = 4_000;
const PUTS_PER_SECOND = 20;
const WARM_UP_MS = 4_000;
const TRACED_MS = 4_000;
const TASK_MS_MAX = 50;
/** In ten minutes. In a short run less may be added, so that a leak of the records would show. */
const HEAP_GROWTH_BYTES_MAX = (isLong ? 10 : 5) * 1024 * 1024;
const SERVER_GROWTH_BYTES_MAX = 10 * 1024 * 1024;
/** The server keeps the places of batches. */
const SERVER_BYTES_PER_PUT_MAX = 256;

const STREAMS = 1_000;
const SHARDS = 100;
const MESSAGE_BYTES_MAX = 64 * 1024;
const ELEMENTS_MAX = 3_000;
const FIRST_PAINT_MS_MAX = 300;
const IDLE_SHARE_MAX = 0.02;
const IDLE_MS = 5_000;

const WARM_UP_PUTS = 300;
const PUTS = 1_000;
const KEYS = 200_000;
const KEY_SHARE_MAX = 0.01;

describe('the budgets of the console', { skip, timeout: 1_200_000 }, () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    errors.length = 0;
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await pageIn(context, errors);
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });

  it(`${RECORDS_PER_SECOND} records a second for ${seconds} s: every one counted, no long task, flat memory`, async (t) => {
    await using server = await spawnServer(reportsMemory);
    const client = new KinesisClient(clientOptions(server.endpoint));
    await fillTailCache(client);
    await client.send(new CreateStreamCommand({ StreamName: 'fast', ShardCount: 4 }));
    await page.goto(`${server.endpoint}/_nagare/console/#/streams/fast`);
    await page.getByText('Waiting for records').waitFor();
    const stop = new AbortController();
    const load = putSteadily(client, 'fast', stop.signal);
    const used = async () => ({
      page: await pageHeapBytes(page),
      worker: await workerHeapBytes(browser),
      server: await usedBytesOf(server),
    });
    await sleep(WARM_UP_MS);
    const before = await used();
    const tasks = await tasksDuring(browser, page, () => sleep(TRACED_MS));
    await sleep(seconds * 1000 - TRACED_MS);
    const after = await used();
    stop.abort();
    const records = await load;
    client.destroy();
    t.diagnostic(`${records} records; ${JSON.stringify(tasks)}`);
    t.diagnostic(`in use: ${JSON.stringify(before)}, then ${JSON.stringify(after)}`);

    await until(async () => (await countedBy(page)) === records, { what: `${records} records counted` });
    assert.ok(tasks.count > 0);
    assert.ok(tasks.longestMs <= TASK_MS_MAX, `a task of ${tasks.longestMs} ms`);
    for (const heap of ['page', 'worker'] as const) {
      const growth = after[heap] - before[heap];
      assert.ok(growth <= HEAP_GROWTH_BYTES_MAX, `the heap of the ${heap} has grown by ${growth} bytes`);
    }
    const puts = (records / RECORDS_PER_SECOND) * PUTS_PER_SECOND;
    const growth = after.server - before.server;
    assert.ok(growth <= SERVER_GROWTH_BYTES_MAX + puts * SERVER_BYTES_PER_PUT_MAX, `the server: ${growth}`);
  });

  it('counting the key of a record costs less than 1 % of its put', async (t) => {
    await using server = await spawnServer({ args: ['--log-level', 'warn'] });
    const client = new KinesisClient(clientOptions(server.endpoint));
    await client.send(new CreateStreamCommand({ StreamName: 'keys', ShardCount: 1 }));
    const put = (at: number) =>
      client.send(
        new PutRecordCommand({ StreamName: 'keys', PartitionKey: keyOf(at), Data: Buffer.alloc(100) }),
      );
    for (let at = 0; at < WARM_UP_PUTS; at++) await put(at);
    const beforeMs = await processorMsOfServer(server);
    for (let at = 0; at < PUTS; at++) await put(at);
    const putMs = ((await processorMsOfServer(server)) - beforeMs) / PUTS;
    client.destroy();

    const sketch = new KeySketch();
    for (let at = 0; at < KEYS; at++) sketch.add(keyOf(at));
    const addMs = await processorMsOf(() => {
      for (let at = 0; at < KEYS; at++) sketch.add(keyOf(at));
    });
    const keyMs = addMs / KEYS;
    const share = keyMs / putMs;
    t.diagnostic(
      `a put ${(putMs * 1000).toFixed(1)} µs, a key ${(keyMs * 1000).toFixed(2)} µs of processor time: ${(share * 100).toFixed(2)} %`,
    );
    assert.ok(share < KEY_SHARE_MAX);
  });

  describe(`${STREAMS} streams of ${SHARDS} shards`, () => {
    let server: ServerProcess;
    let console: ConsoleClient;

    before(async () => {
      server = await spawnServer({ args: ['--log-level', 'warn'] });
      console = new ConsoleClient(server.endpoint);
      for (let first = 0; first < STREAMS; first += 20) {
        const names = Array.from({ length: 20 }, (_, at) => nameOf(first + at));
        const created = await Promise.all(
          names.map((StreamName) =>
            console.post('call/kinesis/CreateStream', { StreamName, ShardCount: SHARDS }),
          ),
        );
        assert.ok(created.every(({ status }) => status === 200));
      }
    });
    after(() => server?.close());

    const address = (hash: string): string => `${server.endpoint}/_nagare/console/#/${hash}`;

    it('the first page is painted within its budget', async (t) => {
      // The first request bundles the pages of a checkout.
      await page.goto(address('streams'));
      await page.getByText(nameOf(0)).waitFor();
      const painted: number[] = [];
      const costs: number[] = [];
      for (let turn = 0; turn < 3; turn++) {
        await page.goto('about:blank');
        const cost = await processorMsDuring(page, async () => {
          await page.goto(address('streams'));
          await page.getByText(nameOf(0)).waitFor();
        });
        costs.push(cost);
        const paint = await page.evaluate(
          `performance.getEntriesByName('first-contentful-paint')[0]?.startTime`,
        );
        painted.push(Number(paint));
      }
      t.diagnostic(`first paint after ${painted.map(Math.round).join(', ')} ms`);
      t.diagnostic(`with its rows: ${costs.map(Math.round).join(', ')} ms of processor time`);
      assert.ok(Math.min(...costs) > 0 && Math.min(...costs) <= FIRST_PAINT_MS_MAX);
    });

    it('what the server sends at once is bounded', async (t) => {
      const stream = nameOf(7);
      const topics = [
        { topic: 'overview' },
        { topic: 'streams' },
        { topic: 'stream', stream },
        { topic: 'readers', stream },
        { topic: 'shards', stream },
      ];
      await using events = await console.events();
      for (const request of topics) {
        await events.subscribe(request.topic, request);
        const message = await until(() => events.of(request.topic)[0]);
        const { length } = JSON.stringify(message);
        t.diagnostic(`${request.topic}: ${length} bytes`);
        assert.ok(length <= MESSAGE_BYTES_MAX, `${request.topic}: ${length} bytes`);
      }
    });

    it('pages stay usable', async () => {
      await page.goto(address(''));
      await page.getByText('100,000 shards').waitFor();
      await page.goto(address('streams'));
      await page.getByText('1 to 50 of 1,000').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('51 to 100 of 1,000').waitFor();
      await page.getByLabel('Filter by name').fill('77');
      await page.getByText('19 of 1,000').waitFor();
      await page.getByRole('link', { name: nameOf(177) }).click();
      await page.getByText('Waiting for records').waitFor();
      await page.getByRole('link', { name: 'Shards' }).click();
      const rows = page.getByRole('region', { name: 'Table of the open shards' }).locator('tbody tr');
      await until(async () => (await rows.count()) === SHARDS);
      assert.ok(Number(await page.evaluate('document.querySelectorAll("*").length')) <= ELEMENTS_MAX);
      await page.getByRole('link', { name: 'Readers', exact: true }).click();
      await page.getByText('Nobody reads this stream').waitFor();
    });

    it('the overview finds the one reader among all of them', async () => {
      const stream = { StreamName: nameOf(STREAMS - 1), ShardId: 'shardId-000000000042' };
      const { content } = await console.post('call/kinesis/GetShardIterator', {
        ...stream,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      const { ShardIterator } = content;
      assert.equal((await console.post('call/kinesis/GetRecords', { ShardIterator })).status, 200);
      await page.goto(address(''));
      await page.getByRole('link', { name: `of ${stream.StreamName}` }).waitFor();
    });

    it('an open console costs less than 2 % of a core when nothing happens', async (t) => {
      for (const hash of ['', 'streams', `streams/${nameOf(7)}`, `streams/${nameOf(7)}/shards`]) {
        await page.goto('about:blank');
        await page.goto(address(hash));
        await page
          .getByText(/wide-|1,000/)
          .first()
          .waitFor();
        const shares: number[] = [];
        // What the server collects of the garbage of its start is not the console's.
        await until(
          async () => {
            const beforeMs = await processorMsOfServer(server);
            await sleep(IDLE_MS);
            const share = ((await processorMsOfServer(server)) - beforeMs) / IDLE_MS;
            shares.push(Number((share * 100).toFixed(2)));
            return share < IDLE_SHARE_MAX;
          },
          { what: `less than 2 % for #/${hash}: ${JSON.stringify(shares)}`, withinMs: IDLE_MS * 4 },
        );
        t.diagnostic(`#/${hash}: ${shares.join(', ')} %`);
      }
    });
  });
});

function nameOf(number: number): string {
  return `wide-${String(number).padStart(3, '0')}`;
}

function keyOf(at: number): string {
  return `customer-${at % 5_000}`;
}

/** Records that a page says it has shown or skipped. */
async function countedBy(page: Page): Promise<number> {
  const status = await page.locator('.status').innerText();
  const counts = [/([\d,]+) records/, /([\d,]+) skipped/].map((pattern) => pattern.exec(status)?.[1] ?? '0');
  return counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0);
}

/** Returns the number of records. */
async function putSteadily(client: KinesisClient, StreamName: string, signal: AbortSignal): Promise<number> {
  const size = RECORDS_PER_SECOND / PUTS_PER_SECOND;
  const beganMs = performance.now();
  let turn = 0;
  for (; !signal.aborted; turn++) {
    const Records = Array.from({ length: size }, (_, at) => ({
      PartitionKey: `customer-${at % 97}`,
      Data: Buffer.from(
        JSON.stringify({ order: turn * size + at, customer: { name: 'Ada', text: 'x'.repeat(120) } }),
      ),
    }));
    const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
    assert.equal(FailedRecordCount, 0);
    await sleep(Math.max(0, beganMs + ((turn + 1) * 1000) / PUTS_PER_SECOND - performance.now()));
  }
  return turn * size;
}

/** Of all threads of the process, from /proc: its ticks are of 10 ms. */
async function processorMsOfServer({ pid }: ServerProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
