/** The pages of the console for what leaves the streams: deliveries and objects; and the activity. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestServer, type TestServer } from '../support/server.ts';
import { isAccessible } from './accessible.ts';
import { launchChromium, noChromium as skip, pageIn } from './chromium.ts';
import { Things } from './console-things.ts';

describe('pages of the console in Chromium', { skip, timeout: 300_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let things: Things;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await startTestServer();
    things = new Things(server.endpoint);
    browser = await launchChromium();
    await things.open();
  });
  after(async () => {
    await browser?.close();
    things?.close();
    await server?.close();
  });

  beforeEach(async () => {
    errors.length = 0;
    context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    page = await pageIn(context, errors);
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(errors, [], 'errors of the page, among them those of its Content-Security-Policy');
  });

  const open = async (hash: string): Promise<void> => {
    await page.goto(`${server.endpoint}/_nagare/console/#/${hash}`);
  };
  const shows = async (text: string | RegExp): Promise<void> => {
    await page.getByText(text).first().waitFor({ timeout: 60_000 });
  };

  const pages = [
    ['deliveries', 'deliveries', /Nothing is delivered, since/],
    ['list-log', 'deliveries?kind=list+log&name=spoken-log', /,morning/],
    ['buckets', 'objects', 'lake'],
    [
      'objects',
      'objects/lake?prefix=orders%2F2026%2F&key=orders%2F2026%2Fpart-1007.json',
      /18446744073709551617/,
    ],
    ['activity', 'activity', 'CreateDeliveryStream'],
    ['requests', 'activity/requests', 'Waiting for requests'],
  ] as const;

  for (const [name, hash, waitedFor] of pages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`axe finds nothing on the page ${name}, ${colorScheme}, at three widths`, async () => {
        await isAccessible(page, name, colorScheme, async () => {
          await open(hash);
          await shows(waitedFor);
        });
      });
    }
  }

  it('finds the delivery that fails, and delivers at once what waits in another', async () => {
    await open('');
    await page.getByRole('link', { name: /clicks-to-nowhere delivers nothing/ }).click();
    await shows(/The specified bucket does not exist/);
    await page.getByRole('link', { name: 'clicks-to-lake' }).click();
    await shows(/1 record, the oldest for/);
    await page.getByRole('button', { name: 'Deliver now' }).click();
    await page.getByText('The same on the command line').click();
    await shows('nagare delivery flush clicks-to-lake');
    await page.getByRole('dialog').getByRole('button', { name: 'Deliver now' }).click();
    await shows('nothing: all that has arrived is delivered');
  });

  it('browses a bucket in pages, shows a web page as text, downloads it and deletes it', async () => {
    await open('objects');
    await page.getByRole('link', { name: 'lake' }).click();
    await page.getByRole('link', { name: 'orders/' }).click();
    await page.getByRole('link', { name: '2026/' }).click();
    await shows('part-1000.json');
    await page.getByRole('button', { name: 'Next page' }).click();
    await shows('part-1119.json');
    await page.goBack();
    await shows('part-1000.json');
    await page.getByRole('link', { name: 'lake' }).click();
    await page.getByRole('link', { name: 'site/' }).click();
    await page.getByRole('link', { name: 'index.html' }).click();
    await shows('<script>document.title="run"</script>');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    assert.equal((await downloading).suggestedFilename(), 'index.html');
    assert.equal(await page.title(), 'nagare');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByLabel('Type index.html to confirm').fill('index.html');
    await page.getByRole('button', { name: 'Delete the object' }).click();
    await shows('No key begins like this.');
  });

  it('what the console does is in the activity by itself, and requests while one watches', async () => {
    await open('');
    await shows('Busiest');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await shows('CreateDeliveryStream');
    const other = await pageIn(context, errors);
    await other.goto(`${server.endpoint}/_nagare/console/#/streams/spoken`);
    await other.getByRole('button', { name: 'Put a record' }).click();
    await other.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByRole('row', { name: /PutRecord kinesis spoken/ }).click();
    await page.locator('.payload', { hasText: '"streamName": "spoken"' }).waitFor();
    await page.getByRole('searchbox', { name: 'Filter' }).fill('deliverystream nowhere');
    await shows(/^1 of \d+$/);
    await page.getByRole('link', { name: 'Requests now' }).click();
    await shows('Waiting for requests');
    await things.say('seen');
    await page.getByRole('row', { name: /kinesis:PutRecord 200/ }).waitFor();
  });

  it('a line of a list log appears by itself', async () => {
    await open('deliveries?kind=list+log&name=spoken-log');
    await shows(/,morning/);
    await things.say('moonshine');
    await shows(/,moonshine/);
  });

  it('deletes a list log only after its name was typed', async () => {
    await open('deliveries?kind=list+log&name=spoken-log');
    await page.getByRole('button', { name: 'Delete' }).click();
    const button = page.getByRole('button', { name: 'Delete the list log' });
    assert.equal(await button.isDisabled(), true);
    await page.getByLabel('Type spoken-log to confirm').fill('spoken-log');
    await button.click();
    await page.getByRole('link', { name: 'spoken-log' }).waitFor({ state: 'detached' });
  });
});
