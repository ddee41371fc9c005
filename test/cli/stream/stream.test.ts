import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startTestServer();
});

after(() => server.close());

function nagare(...args: string[]) {
  return runCommand([...args, '--endpoint-url', server.endpoint]);
}

test('streams are created, listed, described, scaled and deleted', async () => {
  const created = await nagare('stream', 'create', 'orders', '--shards', '2');
  assert.equal(created.output, 'orders is ACTIVE with 2 shards\n', created.errors);
  const listed = await nagare('stream', 'ls');
  assert.match(listed.output, /^orders\tACTIVE\tPROVISIONED\t\d{4}-\d\d-\d\dT[\d:.]+Z\n$/);
  const [row] = (await nagare('stream', 'list', '--json')).output.trim().split('\n');
  assert.equal(row, '[');
  const lines = (await nagare('stream', 'list', '--ndjson')).output.trim().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { StreamName: string }).StreamName),
    ['orders'],
  );
  const described = await nagare('stream', 'info', 'orders', '--json');
  const { Shards: shards } = JSON.parse(described.output) as { readonly Shards: readonly object[] };
  assert.equal(shards.length, 2);
  const scaled = await nagare('stream', 'scale', 'orders', '--shards', '4');
  assert.equal(scaled.output, 'orders has 4 shards (before: 2)\n');
  const asked = await nagare('stream', 'rm', 'orders');
  assert.equal(asked.code, 2);
  assert.match(
    asked.errors,
    /deletes orders with all its records: 4 open shards.*\n {2}why: nothing was changed: --yes is missing\n {2}try: nagare stream rm orders .*--yes\n/,
  );
  assert.equal((await nagare('stream', 'rm', 'orders', '--yes')).output, 'orders is deleted\n');
  assert.equal((await nagare('stream', 'ls')).output, '');
});

test('a person gets a table with titles, a program lines with tabs', async () => {
  await nagare('stream', 'create', 'table');
  const { endpoint } = server;
  const shown = await runCommand(['stream', 'ls', '--endpoint-url', endpoint], {}, { columns: 100 });
  assert.match(shown.output, /^STREAM +STATUS +MODE +CREATED\ntable +ACTIVE +PROVISIONED +2/);
  const inColour = { TERM: 'xterm' };
  const bold = await runCommand(['stream', 'ls', '--endpoint-url', endpoint], inColour, { columns: 100 });
  assert.ok(bold.output.startsWith('\u001B[1mSTREAM'));
  const without = { TERM: 'xterm', NO_COLOR: '1' };
  const plain = await runCommand(['stream', 'ls', '--endpoint-url', endpoint], without, { columns: 100 });
  assert.ok(plain.output.startsWith('STREAM'));
  await nagare('stream', 'rm', 'table', '--yes');
});

test('a stream that does not exist is exit code 4, and the error says how to list streams', async () => {
  const { code, errors } = await nagare('stream', 'info', 'none');
  assert.equal(code, 4);
  assert.match(errors, /^nagare: ResourceNotFoundException: .*none.*\n {2}try: nagare stream ls\n$/);
});

test('shards are split in the middle, merged with the next one, and shown as a tree', async () => {
  await nagare('stream', 'create', 'tree');
  const split = await nagare('shard', 'split', 'tree', '--shard-id', '0');
  const [a, b] = ['shardId-000000000001', 'shardId-000000000002'];
  assert.equal(
    split.output,
    `shardId-000000000000 is closed; its records are followed by those of ${a} and ${b}\n`,
    split.errors,
  );
  const open = await nagare('shard', 'ls', 'tree', '--open');
  assert.deepEqual(
    open.output
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 4)),
    [
      [a, 'open', '50.00 %', 'shardId-000000000000'],
      [b, 'open', '50.00 %', 'shardId-000000000000'],
    ],
  );
  await nagare('shard', 'merge', 'tree', '--shard-id', '1');
  assert.equal(
    (await nagare('shard', 'ls', 'tree', '--tree')).output,
    [
      'shardId-000000000000 (closed)',
      `├─ ${a} (closed)`,
      `│  └─ shardId-000000000003 (open, merged with ${b})`,
      `└─ ${b} (closed)`,
      '',
    ].join('\n'),
  );
  const last = await nagare('shard', 'merge', 'tree', '--shard-id', '3');
  assert.match(last.errors, /no open shard follows shardId-000000000003/);
  assert.equal((await nagare('shard', 'split', 'tree', '--shard-id', '9')).code, 4);
});

test('busy shards need enhanced monitoring, and the error says how to enable it', async () => {
  await nagare('stream', 'create', 'busy');
  const { code, errors } = await nagare('shard', 'hot', 'busy');
  assert.equal(code, 1);
  assert.match(errors, /try: nagare stream update busy --shard-metrics on\n/);
});

test('the retention, the mode and the metrics of a stream are changed', async () => {
  await nagare('stream', 'create', 'changed');
  const update = (...args: string[]) => nagare('stream', 'update', 'changed', ...args);
  const all = await update('--retention-hours', '48', '--mode', 'on-demand', '--shard-metrics', 'on');
  assert.equal(
    all.output,
    'changed keeps records for 48 h (before: 24 h), is in mode ON_DEMAND, measures its shards\n',
    all.errors,
  );
  assert.equal((await nagare('shard', 'hot', 'changed')).code, 0);
  assert.equal((await update('--mode', 'on-demand')).output, 'changed is like this already\n');
  const after = JSON.parse((await update('--mode', 'provisioned', '--json')).output) as object;
  assert.partialDeepStrictEqual(after, {
    RetentionPeriodHours: 48,
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
  });
  const asked = await update('--retention-hours', '24', '--shard-metrics', 'off');
  assert.equal(asked.code, 2);
  assert.match(asked.errors, /^nagare: this lets records of changed expire that are older than 24 h\n/);
  const shorter = await update('--retention-hours', '24', '--shard-metrics', 'off', '--yes');
  assert.equal(
    shorter.output,
    'changed keeps records for 24 h (before: 48 h), measures its shards no more\n',
  );
  assert.equal((await update()).code, 2);
  assert.equal((await update('--mode', 'other')).code, 2);
  assert.equal((await nagare('stream', 'update', 'none', '--mode', 'on-demand')).code, 4);
});

test('the report of an idle stream names every step of the data path', async () => {
  await nagare('stream', 'create', 'idle');
  const { output, errors } = await nagare('stream', 'report', 'idle', '--json');
  const { Steps: steps } = JSON.parse(output || errors) as {
    readonly Steps: readonly { step: string; state: string }[];
  };
  assert.deepEqual(
    steps.map(({ step, state }) => `${step}: ${state}`),
    ['puts: ok', 'throttled puts: ok', 'acknowledgement: unknown', 'throttled reads: ok', 'readers: unknown'],
  );
});

test('consumers of all streams are listed', async () => {
  assert.equal((await nagare('consumer', 'ls')).output, '');
});
