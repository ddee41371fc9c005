/** The console in a real Chromium: what people do with it, and what axe says of each page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, afterEach, describe, it } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ROOT } from '../auth/signature/signer.ts';
import { clientOptions, spawnServer, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { isAccessible } from './accessible.ts';
import { launchChromium, noChromium as skip, pageIn } from './chromium.ts';
import { Scene } from './console-scene.ts';

describe('the console in Chromium', { skip, timeout: 600_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let scene: Scene;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await startTestServer();
    scene = new Scene(server.endpoint);
    browser = await launchChromium();
    await scene.open();
  });
  after(async () => {
    await browser?.close();
    scene?.close();
    await server?.close();
  });

  beforeEach(async () => {
    errors.length = 0;
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await newPage();
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(errors, [], 'errors of the page, among them those of its Content-Security-Policy');
  });

  const newPage = (): Promise<Page> => pageIn(context, errors);

  const address = (hash: string, endpoint = server.endpoint): string =>
    `${endpoint}/_nagare/console/#/${hash}`;

  const shows = async (text: string | RegExp, where = page): Promise<void> => {
    await where.getByText(text).first().waitFor({ timeout: 60_000 });
  };

  const pages = [
    ['overview', ''],
    ['streams', 'streams'],
    ['records', 'streams/orders'],
    ['record', 'streams/orders?from=oldest'],
    ['readers', 'streams/orders/readers'],
    ['shards', 'streams/orders/shards'],
    ['metrics', 'streams/orders/metrics'],
    ['functions', 'functions?name=bill-orders'],
    ['alarms', 'alarms'],
    ['messaging', 'messaging'],
    ['server', 'server'],
  ] as const;

  const waitedFor: Readonly<Record<(typeof pages)[number][0], RegExp>> = {
    overview: /bill-orders blocks/,
    streams: /customer|orders/,
    records: /"order":/,
    record: /"order":/,
    readers: /GetRecords/,
    shards: /Lineage/,
    metrics: /Lag of polling readers/,
    functions: /At the same time/,
    alarms: /Alarm "orders-lag" created|orders-lag.*created/i,
    messaging: /dead letters/,
    server: /AWS_ENDPOINT_URL[^]*AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1/,
  };

  for (const [name, hash] of pages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`axe finds nothing on the page ${name}, ${colorScheme}, at three widths`, async () => {
        await isAccessible(page, name, colorScheme, async () => {
          await page.goto(address(hash));
          await shows(waitedFor[name]);
          if (name !== 'record') return;
          await page.locator('.rows tbody tr').first().click();
          await shows('Sequence number', page);
          await page.locator('.facts').first().waitFor();
        });
      });
    }
  }

  it('twelve tabs follow a stream: they share one connection', async () => {
    await scene.newStream('tabs');
    const tabs = await Promise.all(Array.from({ length: 12 }, () => newPage()));
    for (const tab of tabs) await tab.goto(address('streams/tabs'));
    await Promise.all(tabs.map((tab) => shows('Waiting for records', tab)));
    await scene.put('tabs', 'to all of them');
    await Promise.all(tabs.map((tab) => shows('to all of them', tab)));
  });

  it('shows what a record contains as text, whatever it is', async () => {
    await scene.newStream('inert');
    const dangerous = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await scene.put('inert', dangerous, '<b>key</b>');
    await scene.put('inert', 'red \u001b[31m and \u202eturned\u202c');
    await page.goto(address('streams/inert'));
    await shows(dangerous);
    await shows('<b>key</b>');
    await shows(String.raw`red ␛[31m and \u202eturned\u202c`);
    await page.getByText(dangerous).first().click();
    await page.locator('.payload', { hasText: dangerous }).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    assert.equal(await page.title(), 'nagare');
  });

  it('shows long numbers digit by digit', async () => {
    await scene.newStream('digits');
    const sequence = await scene.put('digits', '{"id":18446744073709551617}');
    assert.equal(sequence.length, 56);
    await page.goto(address('streams/digits'));
    await page.getByText('{"id":18446744073709551617}').first().click();
    await page.locator('.facts', { hasText: sequence }).waitFor();
    await page.locator('.payload', { hasText: '18446744073709551617' }).waitFor();
    // The address is the state: a copied link shows the same record.
    assert.ok(page.url().includes(sequence));
    const other = await newPage();
    await other.goto(page.url());
    await other.locator('.facts', { hasText: sequence }).waitFor();
  });

  it('opens a record of 1 MiB without freezing, and shows the rest on request', async () => {
    await scene.newStream('large');
    await scene.put('large', JSON.stringify({ text: 'x'.repeat(1_000_000) }));
    await page.goto(address('streams/large'));
    await page.locator('.rows tbody tr').first().click();
    await shows(/65,536 of 1,000,0\d\d characters/);
    await page.getByRole('button', { name: 'Show all' }).click();
    await until(async () => ((await page.locator('.payload').textContent())?.length ?? 0) > 1_000_000);
  });

  it('is used by keyboard alone', async () => {
    await scene.newStream('keyboard');
    await scene.put('keyboard', 'first');
    await scene.put('keyboard', 'second');
    await page.goto(address(''));
    await shows('Busiest');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await shows('Create stream');
    await page.keyboard.press('/');
    await page.keyboard.type('keybo');
    await page.getByRole('link', { name: 'keyboard' }).focus();
    await page.keyboard.press('Enter');
    await shows('second');
    await page.keyboard.press('j');
    await page.locator('.payload', { hasText: 'second' }).waitFor();
    await page.keyboard.press('j');
    await page.locator('.payload', { hasText: 'first' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
    await page.keyboard.press('Space');
    await shows('paused');
    await scene.put('keyboard', 'third');
    await page.keyboard.press('Space');
    await shows('third');
    await page.keyboard.press('?');
    await shows('Pause or resume the records');
  });

  it('filters on the server, also from the oldest record, and keeps the filter in the address', async () => {
    await page.goto(address('streams/orders?from=oldest&q=%24.order+%3E%3D+238'));
    await shows('2 of 240 records match');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'NDJSON' }).click();
    const file = readFileSync(await (await downloading).path(), 'utf8');
    assert.equal(file.trimEnd().split('\n').length, 2);
    await shows('{"order":239');
    await page.getByLabel('Filter').fill('key ==');
    await page.getByRole('button', { name: 'Apply' }).click();
    await shows('"key ==" needs a value.');
  });

  it('creates a stream, puts a record, splits a shard and deletes the stream, each with its command', async () => {
    await page.goto(address('streams'));
    await page.getByRole('button', { name: 'Create stream' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('made');
    await page.getByText('The same on the command line').click();
    await shows(/aws kinesis create-stream --stream-name made .*--shard-count 1/);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await shows('Waiting for records');
    await page.getByRole('button', { name: 'Put a record' }).click();
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await shows('{ "hello": "world" }');
    await page.getByRole('link', { name: 'Shards' }).click();
    await page.getByRole('button', { name: 'Split' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Split' }).click();
    await shows('Lineage: 1 closed, 2 open');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Hours').fill('48');
    await page.getByRole('button', { name: 'Keep for 48 hours' }).click();
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Hours').fill('24');
    // Records would expire.
    await page.getByLabel('Type made to confirm').waitFor();
    await page.getByRole('dialog').getByRole('combobox').selectOption({ label: 'The number of shards' });
    await page.getByRole('dialog').getByRole('spinbutton').fill('4');
    await page.getByRole('button', { name: 'Change to 4 shards' }).click();
    await shows(/^4 shards/);
    await page.getByRole('button', { name: 'Delete' }).click();
    const button = page.getByRole('button', { name: 'Delete the stream' });
    assert.equal(await button.isDisabled(), true);
    await page.getByLabel('Type made to confirm').fill('made');
    await button.click();
    await page.waitForURL(/#\/streams$/);
  });

  it('shows on each page of a stream which step of its way is not well', async () => {
    await page.goto(address('streams/billed/shards'));
    await page.getByRole('link', { name: /problem: Functions blocked/i }).click();
    await shows('stands still');
  });

  it('finds the record that blocks a shard in three clicks, and puts it aside', async () => {
    await page.goto(`${server.endpoint}/`);
    await page.getByRole('link', { name: /bill-orders blocks/ }).click();
    await shows('Error: negative amount');
    await page.getByRole('link', { name: 'Show the record' }).click();
    await page.locator('.payload', { hasText: '"amount": -5' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Skip' }).click();
    await page.getByLabel('Type bill-orders to confirm').fill('bill-orders');
    await page.getByRole('button', { name: 'Skip 1 record' }).click();
    await shows('At the tail');
    await page.getByText('stands still').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Invoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Invoke' }).click();
    await shows('"billed"');
  });

  it('sends a message, publishes one, and redrives dead letters', async () => {
    await page.goto(address('messaging'));
    const row = (name: string) => page.getByRole('row', { name: new RegExp(`^${name} `) });
    await row('jobs-dead').getByRole('button', { name: 'Redrive' }).click();
    await page.getByRole('button', { name: 'Move 1 message' }).click();
    await until(async () => (await row('jobs-dead').locator('td').nth(1).textContent()) === '0');
    await page.getByRole('row', { name: 'news' }).getByRole('button', { name: 'Publish' }).click();
    await page.getByLabel('Message').fill('from the console');
    await page.getByRole('button', { name: 'Publish the message' }).click();
    await until(async () => (await row('inbox').locator('td').nth(1).textContent()) === '1');
  });

  it('tests and mutes an alarm, and its history shows it', async () => {
    await page.goto(address('alarms?name=orders-lag'));
    await page.locator('.uplot canvas').waitFor();
    await page.getByRole('button', { name: 'Test' }).click();
    await page.getByRole('button', { name: 'Set it to ALARM' }).click();
    await shows('Tested from the console');
    await shows(/updated from .* to ALARM/);
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Mute' }).click();
    await shows('muted');
  });

  it('resumes after kill -9 of the server without a gap and without a repetition', async () => {
    await using spawned = await spawnServer();
    const client = new KinesisClient({ ...clientOptions(spawned.endpoint), maxAttempts: 10 });
    const send = async (data: string): Promise<void> => {
      await client.send(
        new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from(data) }),
      );
    };
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await page.goto(address('streams/s', spawned.endpoint));
    await send('one');
    await shows('one');
    await spawned.kill();
    await shows('The server does not answer');
    await spawned.start();
    await send('two');
    await shows('two');
    const texts = await page.locator('.rows tbody tr td:last-child').allTextContents();
    assert.deepEqual(texts, ['two', 'one']);
    client.destroy();
  });

  it('works behind a proxy that adds a path', async () => {
    const target = new URL(server.endpoint);
    const proxy = createServer((request, response) => {
      const path = (request.url ?? '').replace(/^\/a\/b/, '');
      const options = {
        port: target.port,
        path,
        method: request.method,
        headers: { ...request.headers, host: target.host },
      };
      const forwarded = httpRequest(options, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      forwarded.on('error', () => response.destroy());
      response.on('close', () => forwarded.destroy());
      request.pipe(forwarded);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    // A server that listens on a port has an address of that form.
    const { port } = proxy.address() as AddressInfo;
    await scene.newStream('proxied');
    await page.goto(`http://127.0.0.1:${port}/a/b/`);
    await page.waitForURL(/\/a\/b\/_nagare\/console\/$/);
    await page.goto(`http://127.0.0.1:${port}/a/b/_nagare/console/#/streams/proxied`);
    await shows('Waiting for records');
    await page.getByRole('button', { name: 'Put a record' }).click();
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await shows('{ "hello": "world" }');
    await context.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  it('wants a login where keys are required, and says what is wrong with it', async () => {
    await using locked = await startTestServer({ rootKey: ROOT });
    await page.goto(address('streams', locked.endpoint));
    await page.getByLabel('Access key ID').fill(ROOT.accessKeyId);
    await page.getByLabel('Secret access key').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await shows('The access key and the secret do not belong together.');
    assert.equal(await page.getByLabel('Access key ID').inputValue(), ROOT.accessKeyId);
    await page.getByLabel('Secret access key').fill(ROOT.secretAccessKey);
    await page.getByRole('button', { name: 'Log in' }).click();
    await shows('There are no streams yet.');
    await page.getByRole('button', { name: 'Create stream' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('mine');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await shows('Waiting for records');
    await page.reload();
    await shows('Waiting for records');
    await page.getByRole('button', { name: 'Log out' }).click();
    await shows('Log in to nagare');
  });
});
