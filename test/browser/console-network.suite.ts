/** The console in a real Chromium where the network or the login fails: nothing is lost, and the words are right. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { allow, openScene } from '../auth/authorization/scene.ts';
import { ROOT } from '../auth/signature/signer.ts';
import { runCommand } from '../support/command.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { type BadNetwork, startBadNetwork } from './bad-network.ts';
import { launchChromium, noChromium as skip, OTHER_MACHINE, pageIn } from './chromium.ts';
import { Scene } from './console-scene.ts';

describe('the console with a bad network or without a valid login', { skip, timeout: 300_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let scene: Scene;
  let network: BadNetwork;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await startTestServer({ allowedHosts: [OTHER_MACHINE] });
    scene = new Scene(server.endpoint);
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    scene?.close();
    await server?.close();
  });
  beforeEach(async () => {
    errors.length = 0;
    network = await startBadNetwork(server.endpoint);
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await pageIn(context, errors);
  });
  afterEach(async () => {
    await context.close();
    await network.close();
    assert.deepEqual(errors, []);
  });

  const address = (hash: string, endpoint = network.endpoint): string =>
    `${endpoint}/_nagare/console/#/${hash}`;

  const shows = async (text: string | RegExp, where = page): Promise<void> => {
    await where.getByText(text).first().waitFor({ timeout: 60_000 });
  };

  const texts = (): Promise<string[]> => page.locator('.rows tbody tr td:last-child').allTextContents();

  it('a connection that is cut again and again loses no record and repeats none', async () => {
    await scene.newStream('cut');
    await page.goto(address('streams/cut'));
    await shows('Waiting for records');
    for (let at = 0; at < 30; at++) {
      await scene.put('cut', `record ${at}`);
      if (at % 3 === 0) network.cut();
    }
    await shows('record 29');
    const expected = Array.from({ length: 30 }, (_, at) => `record ${29 - at}`);
    assert.deepEqual(await texts(), expected);
    await shows('30 records');
  });

  // Browsers keep some functions, such as crypto.randomUUID, from pages of plain HTTP that come from elsewhere.
  it('the console works over plain HTTP from another machine', async () => {
    await scene.newStream('plain');
    await scene.newQueues();
    const elsewhere = server.endpoint.replace('127.0.0.1', OTHER_MACHINE);
    await page.goto(address('streams/plain', elsewhere));
    assert.equal(await page.evaluate('isSecureContext'), false);
    await shows('Waiting for records');
    await scene.put('plain', 'from elsewhere');
    await shows('from elsewhere');
    await page.goto(address('messaging', elsewhere));
    await page
      .getByRole('row', { name: /^inbox / })
      .getByRole('button', { name: /^Send/ })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: /^Send/ }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // Chromium says so of a header that works over HTTPS only.
    const others = errors.filter(
      (text) => !text.startsWith('The Cross-Origin-Opener-Policy header has been'),
    );
    errors.length = 0;
    assert.deepEqual(others, []);
  });

  it('a connection that goes silent is replaced, also without a shared worker', async () => {
    await scene.newStream('silent');
    await page.addInitScript('delete globalThis.SharedWorker');
    await page.clock.install();
    await page.goto(address('streams/silent'));
    await shows('Waiting for records');
    await scene.put('silent', 'before');
    await shows('before');
    network.silence();
    await scene.put('silent', 'in the dark');
    await page.clock.fastForward(46_000);
    // The browser may take further connections that it has kept, which are dead as well.
    await until(async () => {
      await page.clock.fastForward(11_000);
      return (await page.getByText('in the dark').count()) > 0;
    });
    assert.deepEqual(await texts(), ['in the dark', 'before']);
  });

  it('a slow connection gets the newest records, and the number of those that it misses', async () => {
    await scene.newStream('slow');
    await page.goto(address('streams/slow'));
    await shows('Waiting for records');
    network.rate = 50_000;
    const note = 'x'.repeat(500);
    for (let at = 0; at < 80; at++) await scene.putMany('slow', at * 500, 500, note);
    await scene.put('slow', 'the last one');
    // The buffers of the system are full by now.
    network.rate = Infinity;
    await shows('the last one');
    const counted = await until(async () => {
      const status = await page.locator('.status').innerText();
      const [records, skipped] = [/([\d,]+) records/, /([\d,]+) skipped/].map((pattern) =>
        Number((pattern.exec(status)?.[1] ?? '0').replaceAll(',', '')),
      );
      return { records: records ?? 0, skipped: skipped ?? 0 };
    });
    assert.equal(counted.records + counted.skipped, 40_001);
    assert.ok(counted.skipped > 0);
  });

  it('what was typed is kept when the session ends, and the other tabs go on by themselves', async () => {
    await using locked = await startTestServer({ rootKey: ROOT });
    await page.goto(address('streams', locked.endpoint));
    await logIn(page);
    await page.getByRole('button', { name: 'Create stream' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('typed');
    const other = await pageIn(context, errors);
    await other.goto(address('streams', locked.endpoint));
    await shows('There are no streams yet.', other);

    // Sessions end with the process.
    await locked.restart();
    await shows('Log in again');
    await shows('Log in again', other);
    await logIn(page);
    await other.getByText('Log in again').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('dialog').getByLabel('Name').inputValue(), 'typed');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await shows('Waiting for records');
    await other.getByRole('link', { name: 'typed' }).waitFor();

    await page.getByRole('button', { name: 'Log out' }).click();
    await shows('Log in to nagare');
    await shows('Log in again', other);
  });

  it('a link of nagare console login logs in, and leaves nothing in the address', async () => {
    await using locked = await startTestServer({ rootKey: ROOT });
    const environment = {
      AWS_ENDPOINT_URL: locked.endpoint,
      AWS_ACCESS_KEY_ID: ROOT.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    };
    const link = (await runCommand(['console', 'login'], environment)).output.trim();
    await page.goto(link);
    await shows('The server is ready');
    assert.doesNotMatch(page.url(), /token/);
    await page.getByRole('button', { name: 'Log out' }).click();
    await shows('Log in to nagare');
    await page.goto('about:blank');
    await page.goto(link);
    await shows('This link was used already');
  });

  it('what a key may not do is refused with the reason, and what was typed is kept', async () => {
    await using locked = await openScene();
    const { endpoint } = locked.server;
    const mayRead = ['kinesis:ListStreams', 'kinesis:DescribeStream', 'kinesis:GetRecords'].map((action) =>
      allow(action),
    );
    const { credentials } = await locked.user('reader', ...mayRead);
    const root = new Scene(endpoint, locked.root);
    await root.newStream('guarded');
    await root.put('guarded', 'to be seen');
    root.close();
    await page.goto(address('streams/guarded', endpoint));
    await page.getByLabel('Access key ID').fill(credentials.accessKeyId);
    await page.getByLabel('Secret access key').fill(credentials.secretAccessKey);
    await page.getByRole('button', { name: 'Log in' }).click();
    await shows('to be seen');
    await page.getByRole('button', { name: 'Put a record' }).click();
    await page.getByRole('dialog').getByLabel('Data').fill('not allowed');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await shows(/not authorized to perform: kinesis:PutRecord/);
    assert.equal(await page.getByRole('dialog').getByLabel('Data').inputValue(), 'not allowed');
  });
});

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Access key ID').fill(ROOT.accessKeyId);
  await page.getByLabel('Secret access key').fill(ROOT.secretAccessKey);
  await page.getByRole('button', { name: 'Log in' }).click();
}
