/** What pages of the console show in a real Chromium: charts, time zones, alarms; and every flow by keyboard alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { namesInTar } from '../../src/support/tar.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { launchChromium, noChromium as skip, pageIn } from './chromium.ts';
import { Scene } from './console-scene.ts';

const TABS_MAX = 150;

const DAY_MS = 86_400_000;

describe('the views of the console', { skip, timeout: 300_000 }, () => {
  let browser: Browser;
  let server: TestServer;
  let scene: Scene;
  let metrics: CloudWatchClient;
  let context: BrowserContext;
  let page: Page;
  const errors: string[] = [];

  before(async () => {
    server = await startTestServer();
    scene = new Scene(server.endpoint);
    metrics = new CloudWatchClient(clientOptions(server.endpoint));
    browser = await launchChromium();
    await scene.open();
  });
  after(async () => {
    await browser?.close();
    scene?.close();
    metrics?.destroy();
    await server?.close();
  });
  beforeEach(async () => {
    errors.length = 0;
    context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      timezoneId: 'Asia/Kolkata',
    });
    page = await pageIn(context, errors);
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(errors, []);
  });

  const address = (hash: string): string => `${server.endpoint}/_nagare/console/#/${hash}`;

  const shows = async (text: string | RegExp): Promise<void> => {
    await page.getByText(text).first().waitFor({ timeout: 60_000 });
  };

  /** The rows of a table, cell by cell. */
  const rowsOf = async (region: string): Promise<string[][]> => {
    const rows = await page.getByRole('region', { name: region }).locator('tbody tr').all();
    return await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
  };

  it('tables and charts have the same time zone, which is one choice for all', async () => {
    await page.addInitScript(`
      globalThis.drawn = [];
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        drawn.push(text);
        return draw.call(this, text, ...rest);
      };
    `);
    await page.goto(address('alarms?name=orders-lag'));
    await page.locator('.uplot canvas').waitFor();
    await page.getByText('As a table').click();
    const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    for (const zone of ['Asia/Kolkata', 'UTC']) {
      if (zone === 'UTC') {
        await page.evaluate('drawn.length = 0');
        await page.getByLabel('Time zone').selectOption('UTC');
      }
      // The quarter of an hour before a whole one is a label of every axis of three hours.
      const whole = onAxis(zone === 'UTC' ? hour : hour - 1_800_000, zone);
      await until(async () => (await page.evaluate<string[]>('drawn')).includes(whole), {
        what: `${whole} on the axis in ${zone}`,
      });
      const [[newest = ''] = []] = await rowsOf('Values of the chart');
      const minute = Math.floor((Date.now() - 60_000) / 60_000) * 60_000;
      const near = [-60_000, 0, 60_000].map((ms) => inZone(minute + ms, zone));
      assert.ok(near.includes(newest.slice(11, 16)), `${newest} in the table in ${zone}`);
    }
    await page.goto(address('streams/orders'));
    await page.locator('.rows tbody tr').first().click();
    const shown = await page.locator('.rows tbody tr td').first().innerText();
    const ageMs = Date.now() - Date.parse(`${new Date().toISOString().slice(0, 11)}${shown}Z`);
    // Of yesterday, when midnight has just passed.
    assert.ok((ageMs + DAY_MS) % DAY_MS < 600_000, shown);
  });

  it('the graph of an alarm agrees with its history', async () => {
    const put = async (value: number, at: Date): Promise<void> => {
      const datum = { MetricName: 'temperature', Value: value, Timestamp: at, StorageResolution: 1 };
      await metrics.send(new PutMetricDataCommand({ Namespace: 'oven', MetricData: [datum] }));
    };
    const begin = Math.floor(Date.now() / 10_000) * 10_000;
    for (let period = 1; period <= 12; period++) {
      await put(period % 2 === 0 ? 50 : 200 + period, new Date(begin - period * 10_000 + 1));
    }
    await metrics.send(
      new PutMetricAlarmCommand({
        AlarmName: 'oven-hot',
        Namespace: 'oven',
        MetricName: 'temperature',
        Statistic: 'Maximum',
        Period: 10,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 100,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
    const update = await until(
      async () => {
        const { AlarmHistoryItems = [] } = await metrics.send(
          new DescribeAlarmHistoryCommand({ AlarmName: 'oven-hot', HistoryItemType: 'StateUpdate' }),
        );
        return AlarmHistoryItems[0];
      },
      { pauseMs: 200, withinMs: 40_000 },
    );
    assert.match(update.HistorySummary ?? '', /to ALARM$/);
    const { newState } = JSON.parse(update.HistoryData ?? '') as {
      newState: { stateReasonData: { evaluatedDatapoints: { timestamp: string; value: number }[] } };
    };
    const evaluated = newState.stateReasonData.evaluatedDatapoints;
    assert.equal(evaluated.length, 3);

    await page.goto(address('alarms?name=oven-hot'));
    await page.getByLabel('Time zone').selectOption('UTC');
    await shows('Points mark the periods that breach.');
    await page.getByText('As a table').click();
    const shown = new Map((await rowsOf('Values of the chart')).map(([time = '', ...rest]) => [time, rest]));
    for (const { timestamp, value } of evaluated) {
      const time = new Date(timestamp).toISOString().slice(0, 19).replace('T', ' ');
      assert.deepEqual(shown.get(time), [String(value), value > 100 ? 'breaches' : ''], time);
    }
    assert.equal([...shown.values()].filter(([, word]) => word === 'breaches').length, 6);
    // With points of another length than its periods nothing would be true of them.
    await page.getByRole('button', { name: '1d' }).click();
    await shows('more than a period of the alarm');
    assert.ok(page.url().includes('range=1d'));
  });

  it('charts of a stream and of a function go back for weeks, and the range is in the address', async () => {
    await page.goto(address('streams/orders/metrics'));
    await page.getByText('As a table').first().click();
    await until(async () => (await rowsOf('Values of the chart')).some(([, put]) => put !== '0 /s'));
    await page.getByRole('button', { name: '4w' }).click();
    await shows('periods of 6 h');
    const other = await pageIn(context, errors);
    await other.goto(page.url());
    await other.getByText('periods of 6 h').first().waitFor();
    await page.goto(address('functions'));
    await page.getByRole('link', { name: 'bill-orders', exact: true }).click();
    const invocations = page.getByRole('region', { name: 'Invocations' });
    await invocations.getByRole('img').waitFor();
    assert.match(
      (await invocations.getByRole('img').getAttribute('aria-label')) ?? '',
      /\((?:Asia\/Calcutta|Asia\/Kolkata)\)/,
    );
  });

  it('the server tells of itself, and puts demo data until it is stopped', async () => {
    await page.goto(address('server'));
    await shows('healthy');
    await page.getByRole('row', { name: /^engine / }).waitFor();
    await page.getByRole('button', { name: 'Support archive' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Replace names').check();
    await dialog.getByText('The same on the command line').click();
    await dialog.getByText('nagare support --hide-names').waitFor();
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    const archive = gunzipSync(readFileSync(await (await downloading).path()));
    assert.ok(namesInTar(archive).includes('metrics.txt'));
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Start demo data' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await shows('"shop":');
    await page.getByRole('button', { name: 'Stop the demo data' }).click();
    await page.getByRole('button', { name: 'Stop the demo data' }).waitFor({ state: 'detached' });
    await page.goto(address('server'));
    await page.getByRole('button', { name: 'Remove demo data' }).click();
    await page.getByLabel('Type demo-orders to confirm').fill('demo-orders');
    await page.getByRole('button', { name: 'Remove all of it' }).click();
    await page.getByRole('button', { name: 'Remove demo data' }).waitFor({ state: 'detached' });
  });

  async function tabTo(target: Locator): Promise<void> {
    await target.first().waitFor();
    for (let tabs = 0; tabs < TABS_MAX; tabs++) {
      await page.keyboard.press('Tab');
      if ((await target.and(page.locator(':focus')).count()) === 0) continue;
      const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
      assert.notEqual(outline, 'none', `${String(target)} has the focus, and nobody sees it`);
      return;
    }
    assert.fail(`${String(target)} is not reached by ${TABS_MAX} tabs`);
  }

  const press = async (name: string | RegExp, where: Page | Locator = page): Promise<void> => {
    await tabTo(where.getByRole('button', { name, exact: typeof name === 'string' }));
    await page.keyboard.press('Enter');
  };

  it('a stream is made, filled, split and deleted by keyboard alone', async () => {
    await page.goto(address('streams'));
    await press('Create stream');
    await tabTo(page.getByRole('dialog').getByLabel('Name'));
    await page.keyboard.type('by-keyboard');
    await page.keyboard.press('Enter');
    await shows('Waiting for records');
    await press('Put a record');
    await press('Put');
    await shows('{ "hello": "world" }');
    await tabTo(page.getByRole('link', { name: 'Shards' }));
    await page.keyboard.press('Enter');
    await press(/^Split/);
    await press('Split', page.getByRole('dialog'));
    await shows('Lineage: 1 closed, 2 open');
    await press(/^Delete/);
    await tabTo(page.getByRole('dialog').getByRole('textbox'));
    await page.keyboard.type('by-keyboard');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/streams$/);
  });

  it('a blocked shard is put on, an alarm tested, and messages redriven by keyboard alone', async () => {
    await page.goto(address(''));
    await tabTo(page.getByRole('link', { name: /bill-orders blocks/ }));
    await page.keyboard.press('Enter');
    await press(/^Skip/);
    await tabTo(page.getByRole('dialog').getByRole('textbox'));
    await page.keyboard.type('bill-orders');
    await page.keyboard.press('Enter');
    await shows('At the tail');
    await press(/^Pause/);
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const focused = await page.evaluate('document.activeElement.textContent');
    assert.match(String(focused), /^Pause/, 'the focus is where it was before the dialog');

    await page.goto(address('messaging'));
    const dead = page.getByRole('row', { name: /^jobs-dead / });
    await press(/^Choose/, dead);
    const letters = page.getByRole('region', { name: 'Messages of jobs-dead' });
    await tabTo(letters.getByRole('checkbox'));
    await page.keyboard.press('Space');
    await press('Redrive 1 …', letters);
    await press('Redrive 1 message', page.getByRole('dialog'));
    await until(async () => (await dead.locator('td').nth(1).textContent()) === '0');

    await page.goto(address('alarms?name=orders-lag'));
    await press(/^Test/);
    await press('Set it to ALARM');
    await shows(/updated from .* to ALARM/);
  });

  it('a hand that is faster than the page loses nothing that it types', async () => {
    await page.goto(address('streams/orders'));
    await shows('"order":');
    // What comes next comes before the page is painted again.
    const isOpen = await page.evaluate(`(async () => {
      const click = (label) =>
        [...document.querySelectorAll('button')].find(({ textContent }) => textContent === label).click();
      const field = document.querySelector('[data-search]');
      const type = (text) => {
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      };
      type('typed before');
      click('Oldest');
      const before = field.value;
      await Promise.resolve();
      type(before + ' and after');
      click('Put a record');
      await Promise.resolve();
      return document.querySelector('dialog')?.open;
    })()`);
    assert.equal(isOpen, true);
    await shows('240 records');
    assert.equal(await page.getByLabel('Filter').inputValue(), 'typed before and after');
  });

  it('records are chosen, filtered and closed by keyboard alone', async () => {
    await page.goto(address('streams/orders'));
    await shows('"order":');
    await press('Oldest');
    await page.keyboard.press('/');
    await page.keyboard.type('$.order == 17');
    await page.keyboard.press('Enter');
    await shows('1 of 240 records match');
    await tabTo(page.locator('.rows tbody button'));
    await page.keyboard.press('Enter');
    await page.locator('.payload', { hasText: '"order": 17' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
    await tabTo(page.getByLabel('Theme'));
    await page.keyboard.type('Dark');
    await until(async () => (await page.locator('html').getAttribute('data-theme')) === 'dark');
  });
});

/** `14:00`, or the date where a day begins. */
function onAxis(ms: number, timeZone: string): string {
  const time = inZone(ms, timeZone);
  assert.match(time, /:00$/);
  if (time !== '00:00') return time;
  // As Swedes write it: 2026-11-29.
  return new Date(ms).toLocaleDateString('sv-SE', { timeZone }).slice(5);
}

/** `14:30` */
function inZone(ms: number, timeZone: string): string {
  return new Date(ms).toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
}
