import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { measured } from '../../../src/cli/watch/top.ts';
import { parseSamples } from '../../../src/cli/watch/scrape.ts';
import { runCommand, type CommandOptions } from '../../support/command.ts';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
let cloudWatch: CloudWatchClient;

before(async () => {
  server = await startTestServer();
  cloudWatch = new CloudWatchClient(clientOptions(server.endpoint));
});

after(async () => {
  cloudWatch.destroy();
  await server.close();
});

function nagare(args: readonly string[], options: CommandOptions = {}) {
  return runCommand([...args, '--endpoint-url', server.endpoint], {}, options);
}

test('check is met by a stream that is read without delay, in all formats', async () => {
  await nagare(['stream', 'create', 'read']);
  const unread = await nagare(['check', 'stream', 'read']);
  assert.equal(unread.code, 3);
  assert.match(unread.output, /^ok {6}status: ACTIVE\nproblem readers: no reads in the last 3 min\n$/);
  assert.match(unread.errors, /read is not well: readers\n {2}try: nagare stream report read\n$/);
  await nagare(['put', 'read', 'x']);
  await nagare(['tail', 'read', '--no-follow']);
  // The server stores its metrics every second.
  const met = await until(async () => {
    const checked = await nagare(['check', 'stream', 'read', '--max-age', '1h']);
    return checked.code === 0 && checked;
  });
  assert.match(met.output, /^ok {6}GetRecords: \d+ m?s behind, at most 60 min$/m);
  const json = JSON.parse((await nagare(['check', 'stream', 'read', '--json'])).output) as { Well: boolean };
  assert.equal(json.Well, true);
  const nagios = await nagare(['check', 'stream', 'read', '--max-age', '1h', '--format', 'nagios']);
  assert.match(nagios.output, /^STREAM OK - read: .* \| 'GetRecords'=[\d.]+s;;3600;0\n$/);
  const prometheus = await nagare(['check', 'stream', 'read', '--format', 'prometheus']);
  assert.match(prometheus.output, /^nagare_check_well\{stream="read"\} 1$/m);
  assert.equal((await nagare(['check', 'stream', 'none'])).code, 4);
  const critical = await nagare(['check', 'stream', 'unread', '--format', 'nagios']);
  assert.equal(critical.code, 4);
  await nagare(['stream', 'create', 'unread']);
  assert.equal((await nagare(['check', 'stream', 'unread', '--format', 'nagios'])).code, 2);
});

test('top measures the busiest streams', async () => {
  await nagare(['stream', 'create', 'busy']);
  const putting = nagare(['put', 'busy', 'x', '--count', '60', '--rate', '100']);
  const { output } = await nagare(['top', '--json', '--interval', '300ms']);
  await putting;
  const { Streams: streams, Totals: totals } = JSON.parse(output) as {
    readonly Streams: readonly { readonly StreamName: string; readonly RecordsPerSecond: number }[];
    readonly Totals: { readonly MemoryBytes: number };
  };
  assert.equal(streams[0]?.StreamName, 'busy');
  assert.ok(streams[0].RecordsPerSecond > 20);
  assert.ok(totals.MemoryBytes > 1e6);
  const shown = await nagare(['top', '--once', '--interval', '1ms'], { columns: 100 });
  assert.match(shown.output, /^nagare at http.*records\/s.*\n\nSTREAM +PUT\/S/);
});

function scrapeOf(timeMs: number, records: number) {
  const text = `nagare_kinesis_incoming_records_total{stream="a"} ${records}\nprocess_cpu_seconds_total 1\n`;
  return { timeMs, samples: parseSamples(text) };
}

test('top counts from the difference of two measurements', () => {
  const [row] = measured(scrapeOf(0, 100), scrapeOf(2000, 300)).streams;
  assert.deepEqual([row?.StreamName, row?.RecordsPerSecond], ['a', 100]);
  // A stream that was deleted and created again.
  assert.equal(measured(scrapeOf(0, 100), scrapeOf(1000, 3)).streams[0]?.RecordsPerSecond, 0);
});

test('alarms are listed, tested, muted, and have a history', async () => {
  const alarm = { Namespace: 'n', MetricName: 'm', Period: 60, EvaluationPeriods: 1, Threshold: 1 };
  for (const AlarmName of ['calm', 'loud']) {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...alarm,
        AlarmName,
        Statistic: 'Sum',
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
  }
  assert.match(
    (await nagare(['alarm', 'test', 'loud'])).output,
    /^loud is in alarm until its next evaluation; tells nobody\n$/,
  );
  const listed = await nagare(['alarm', 'ls']);
  assert.match(
    listed.output,
    /^ALARM\tloud\ton\t.*tested with nagare alarm test\nINSUFFICIENT_DATA\tcalm\ton\t/,
  );
  assert.equal((await nagare(['alarm', 'mute', 'calm'])).output, 'calm is muted\n');
  assert.match((await nagare(['alarm', 'ls'])).output, /\tcalm\tmuted\t/);
  assert.equal((await nagare(['alarm', 'unmute', 'calm'])).output, 'calm is unmuted\n');
  const history = await nagare(['alarm', 'history', 'loud']);
  assert.match(history.output, /\tStateUpdate\tAlarm updated from INSUFFICIENT_DATA to ALARM/i);
  assert.equal((await nagare(['alarm', 'mute', 'none'])).code, 4);
});

test('metrics are listed, printed and drawn', async () => {
  const nowMs = Date.now();
  const values = [1, 4, 2].map((Value, at) => ({
    MetricName: 'orders',
    Dimensions: [{ Name: 'Shop', Value: 'a' }],
    Value,
    Timestamp: new Date(nowMs - (10 - at) * 60_000),
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Own', MetricData: values }));
  assert.equal((await nagare(['metrics', 'ls', 'Own'])).output, 'Own\torders\tShop=a\n');
  const got = await nagare(['metrics', 'get', 'Own', 'orders', '-d', 'Shop=a', '--since', '30m']);
  assert.deepEqual(
    got.output
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[1]),
    ['1', '4', '2'],
  );
  const drawn = await nagare([
    'metrics',
    'get',
    'Own',
    'orders',
    '-d',
    'Shop=a',
    '--since',
    '30m',
    '--graph',
  ]);
  assert.match(drawn.output, /^4 ┤ +█ +\n/);
  const shared = ['metrics', 'get', 'Own', 'orders', '-d', 'Shop=a', '--since', '30m', '--statistic'];
  assert.match((await nagare([...shared, 'PR(:3)'])).output, /\t100\n.*\t0\n.*\t100\n/);
  // One place knows the statistics: the server.
  const wrong = await nagare([...shared, 'p101']);
  assert.match(wrong.errors, /The value p101 for parameter .* is not a valid statistic/);
  const none = await nagare(['metrics', 'get', 'Own', 'orders']);
  assert.equal(none.code, 4);
  assert.match(
    none.errors,
    /dimensions must be all of the metric\n {2}try: nagare metrics ls Own --name orders/,
  );
});
