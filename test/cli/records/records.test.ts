import assert from 'node:assert/strict';
import { lstat, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { aggregate } from '../../consumers/aggregate.ts';
import { runCommand, type CommandOptions } from '../../support/command.ts';
import { spawnServer, startTestServer, temporaryFolder, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

let server: TestServer;
let streams = 0;

before(async () => {
  server = await startTestServer();
});

after(() => server.close());

function nagare(args: readonly string[], options: CommandOptions = {}) {
  return runCommand([...args, '--endpoint-url', server.endpoint], {}, options);
}

async function newStream(shards = 1): Promise<string> {
  const name = `s${streams++}`;
  await nagare(['stream', 'create', name, '--shards', String(shards)]);
  return name;
}

async function dataOf(stream: string, ...args: string[]): Promise<string[]> {
  const format = args.includes('--format') ? [] : ['--format', '%v\\n'];
  const { output, errors } = await nagare(['tail', stream, '--no-follow', ...format, ...args]);
  assert.equal(errors, '');
  return output.split('\n').slice(0, -1);
}

test('put stores what it is given, and tail prints it', async () => {
  const stream = await newStream();
  const one = await nagare(['put', stream, 'hello', '--key', 'k']);
  assert.match(one.output, /^shardId-000000000000\t\d{56}\n$/, one.errors);
  const two = await nagare(['put', stream, 'a', 'b', '--json']);
  const { Records: records, Last: last } = JSON.parse(two.output) as {
    Records: number;
    Last: { ShardId: string };
  };
  assert.deepEqual([records, last.ShardId], [2, 'shardId-000000000000']);
  // From standard input, each line a record; empty ones are none.
  const lines = await nagare(['put', stream], { input: 'c\n\nd\r\ne' });
  assert.match(lines.errors, /^3 records, /);
  assert.deepEqual(await dataOf(stream), ['hello', 'a', 'b', 'c', 'd', 'e']);
  const tabs = await nagare(['tail', stream, '--no-follow', '--limit', '1']);
  assert.match(tabs.output, /^[\dT:.-]+Z\tshardId-000000000000\t\d{56}\tk\thello\n$/);
});

test('put makes records of a template, a file, and repeated data', async () => {
  const stream = await newStream();
  await nagare(['put', stream, '--count', '3', '--template', '{{n}} {{pick x}} {{random 7 7}}']);
  await nagare(['put', stream, 'again', '--count', '2']);
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), 'whole\nfile');
  await nagare(['put', stream, '--file', 'file'], { workingFolder: folder });
  assert.deepEqual(await dataOf(stream), ['1 x 7', '2 x 7', '3 x 7', 'again', 'again', 'whole', 'file']);
  const wrong = await nagare(['put', stream, '--template', '{{nope}}']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /\{\{nope\}\}, which means nothing\n {2}try: there are \{\{n\}\}/);
});

test('--rate spreads records over time', async () => {
  const stream = await newStream();
  const began = performance.now();
  await nagare(['put', stream, 'x', '--count', '6', '--rate', '20']);
  assert.ok(performance.now() - began >= 240);
});

/** Shards with the keys and data of their records, in order. */
function essence(text: string) {
  const byShard = Map.groupBy(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>),
    ({ ShardId = '' }) => ShardId,
  );
  return [...byShard]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([shard, records]) => [shard, records.map(({ PartitionKey, Data }) => [PartitionKey, Data])]);
}

test('tail --ndjson into put --ndjson is lossless: any bytes, any key, each shard in its order', async () => {
  const [from, to] = [await newStream(4), await newStream(4)];
  const input = Array.from({ length: 1200 }, (_, number) => {
    const data = Buffer.from([number & 255, number >> 8, 0xff, 0x0a, 0x00]);
    return JSON.stringify({ PartitionKey: `"k\u{1F600}${number % 7}`, Data: data.toString('base64') });
  }).join('\n');
  await nagare(['put', from, '--ndjson'], { input });
  const first = await nagare(['tail', from, '--from', 'oldest', '--no-follow', '--ndjson']);
  const copied = await nagare(['put', to, '--ndjson'], { input: first.output });
  assert.match(copied.errors, /^1,200 records/);
  const second = await nagare(['tail', to, '--from', 'oldest', '--no-follow', '--ndjson']);
  assert.deepEqual(essence(second.output), essence(first.output));
  assert.equal(second.output.trimEnd().split('\n').length, 1200);
});

test('export and import move a stream through a compressed file', async () => {
  const stream = await newStream(2);
  await nagare(['put', stream, '--count', '700', '--template', 'record {{n}}']);
  const folder = await temporaryFolder();
  for (const file of ['plain.ndjson', 'small.ndjson.gz', 'small.ndjson.zst']) {
    const exported = await nagare(['export', stream, file], { workingFolder: folder });
    assert.match(exported.output, /^700 records in /, exported.errors);
    const copy = await newStream();
    const imported = await nagare(['import', copy, file], { workingFolder: folder });
    assert.equal(imported.output, `700 records put into ${copy}\n`, imported.errors);
    assert.equal(new Set(await dataOf(copy)).size, 700);
  }
  const sizes = await Promise.all(
    ['plain.ndjson', 'small.ndjson.gz'].map((file) => stat(join(folder, file))),
  );
  assert.ok((sizes[0]?.size ?? 0) > 3 * (sizes[1]?.size ?? 0));
  await writeFile(join(folder, 'bad'), '{"Text":"good"}\n{"PartitionKey":"k"}\n');
  const refused = await nagare(['import', await newStream(), 'bad'], { workingFolder: folder });
  assert.equal(refused.code, 1);
  assert.match(
    refused.errors,
    /line 2 is no record: it has no Data, Text or Json\n {2}why: 0 records were put before/,
  );
  assert.match((await nagare(['import', stream, 'none'], { workingFolder: folder })).errors, /no such file/);
  assert.ok((await readFile(join(folder, 'plain.ndjson'), 'utf8')).startsWith('{"ShardId":"shardId-'));
});

test('positions: after a record, since a time, the last ones, until a time', async () => {
  const stream = await newStream();
  const numbers: string[] = [];
  for (const data of ['a', 'b', 'c', 'd']) {
    numbers.push((await nagare(['put', stream, data])).output.trim().split('\t')[1] ?? '');
  }
  assert.deepEqual(await dataOf(stream, '--at', numbers[2] ?? ''), ['c', 'd']);
  assert.deepEqual(await dataOf(stream, '--after', numbers[2] ?? ''), ['d']);
  assert.deepEqual(await dataOf(stream, '-n', '2'), ['c', 'd']);
  assert.deepEqual(await dataOf(stream, '-n', '0'), []);
  assert.deepEqual(await dataOf(stream, '--since', '1h', '--limit', '3'), ['a', 'b', 'c']);
  assert.deepEqual(await dataOf(stream, '--since', '2026-01-01T00:00:00Z', '--until', '1h'), []);
  assert.deepEqual(await dataOf(stream, '--from', 'latest'), []);
  assert.deepEqual(await dataOf(stream, '--shard-id', '0', '--limit', '1'), ['a']);
  assert.match(
    (await nagare(['tail', stream, '--since', 'then'])).errors,
    /--since is "then"; it must be a time/,
  );
  assert.equal((await nagare(['tail', stream, '--shard-id', '7'])).code, 4);
  const wide = await newStream(2);
  assert.match((await nagare(['tail', wide, '--at', '1'])).errors, /of one shard: name it with --shard-id/);
});

test('tail follows, from the last records on, and ends when it is interrupted', async () => {
  const stream = await newStream();
  await nagare(['put', stream, 'old', 'newer']);
  const stopping = new AbortController();
  let output = '';
  const tail = nagare(['tail', stream, '-n', '1', '--format', '%v,'], {
    signal: stopping.signal,
    onOutput: (printed) => (output = printed),
  });
  await until(() => output === 'newer,');
  await nagare(['put', stream, 'live']);
  await until(() => output === 'newer,live,');
  stopping.abort('SIGINT');
  assert.equal((await tail).code, 130);
});

test('tail follows splits and merges: parents before children, nothing twice', async () => {
  const stream = await newStream();
  await nagare(['put', stream, '1', '2', '--key', 'k']);
  await nagare(['shard', 'split', stream, '--shard-id', '0']);
  await nagare(['put', stream, '3', '4', '--key', 'k']);
  await nagare(['shard', 'merge', stream, '--shard-id', '1']);
  await nagare(['put', stream, '5', '6', '--key', 'k']);
  assert.deepEqual(await dataOf(stream), ['1', '2', '3', '4', '5', '6']);
  assert.deepEqual(await dataOf(stream, '--since', '1h'), ['1', '2', '3', '4', '5', '6']);
});

test('what records contain stays text on a terminal', async () => {
  const stream = await newStream();
  await nagare(['put', stream, '\u001B[31mred\u0007 \u202Eback', '--key', '\u001B]0;title\u0007']);
  for (const format of [['--no-decode'], ['--format', '%k %v\\n']]) {
    const { output } = await nagare(['tail', stream, '--no-follow', ...format], { columns: 80 });
    assert.ok(!['\u001B', '\u0007', '\u202E'].some((unsafe) => output.includes(unsafe)));
    assert.match(output, /\\e\[31mred\\u0007 \\u202eback/);
  }
  // Decoded, it is no text but bytes.
  const decoded = await nagare(['tail', stream, '--no-follow'], { columns: 80 });
  assert.match(decoded.output, / 0x1b5b33316d[0-9a-f]+\n$/);
  const raw = await nagare(['tail', stream, '--no-follow', '--format', '%x']);
  assert.equal(Buffer.from(raw.output, 'hex').toString(), '\u001B[31mred\u0007 \u202Eback');
});

test('compressed and aggregated records are decoded, and written as they are on request', async () => {
  const stream = await newStream();
  const inner = aggregate([
    { partitionKey: 'a', data: Buffer.from('{"n":12345678901234567890}') },
    { partitionKey: 'b', data: gzipSync('two') },
  ]);
  for (const data of [gzipSync('{"one":1}'), gzipSync(inner), Buffer.from([0xff, 0x00])]) {
    const line = JSON.stringify({ PartitionKey: 'k', Data: data.toString('base64') });
    await nagare(['put', stream, '--ndjson'], { input: line });
  }
  const shown = await nagare(['tail', stream, '--no-follow']);
  const cells = shown.output
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').slice(3).join(' '));
  assert.deepEqual(cells, ['k {"one":1}', 'a {"n":12345678901234567890}', 'b two', 'k 0xff00']);
  const raw = await nagare(['tail', stream, '--no-follow', '--no-decode', '--limit', '1']);
  assert.doesNotMatch(raw.output, /one/);
  const [first = ''] = await dataOf(stream, '--format', '%d\\n');
  assert.equal(first, '{"one":1}');
  const [line = ''] = (await nagare(['tail', stream, '--no-follow', '--ndjson', '--decode'])).output.split(
    '\n',
  );
  const { Data: data, Decoded: decoded } = JSON.parse(line) as { Data: string; Decoded: object };
  assert.equal(gunzipSync(Buffer.from(data, 'base64')).toString(), '{"one":1}');
  assert.deepEqual(decoded, {
    Steps: ['gzip'],
    Records: 1,
    Parts: [{ Format: 'json', Steps: [], Text: '{"one":1}' }],
  });
  const sequenceNumber = shown.output.split('\n')[1]?.split('\t')[2] ?? '';
  const whole = await nagare(['get', stream, sequenceNumber]);
  assert.match(
    whole.output,
    /^gzip +.*\nKPL +an aggregated record of 2\n[^]*record 2 of 2, partition key b\ngzip [^]*two\n$/m,
  );
});

test('keys beside raw data keep their bytes', async () => {
  const stream = await newStream();
  await nagare(['put', stream, 'd\u00FC', '--key', 'k\u{1F600}']);
  const { output } = await nagare(['tail', stream, '--no-follow', '--format', '\u00E9 %k %v']);
  assert.equal(output, '\u00E9 k\u{1F600} d\u00FC');
});

test('get prints one record of any shard', async () => {
  const stream = await newStream(3);
  const puts = ['a', 'b', 'c', 'd'].map((data) => nagare(['put', stream, data, '--key', data]));
  for (const { output } of await Promise.all(puts)) {
    const [shard = '', sequenceNumber = ''] = output.trim().split('\t');
    const found = await nagare(['get', stream, sequenceNumber, '--json']);
    const record = JSON.parse(found.output) as Record<string, string>;
    assert.deepEqual([record['ShardId'], record['SequenceNumber']], [shard, sequenceNumber]);
    const raw = await nagare(['get', stream, sequenceNumber, '--raw']);
    assert.equal(raw.output, record['PartitionKey']);
    const shown = await nagare(['get', stream, sequenceNumber, '--shard-id', shard]);
    assert.match(
      shown.output,
      new RegExp(`^sequence number  ${sequenceNumber}\nshard            ${shard}\n`),
    );
  }
  const missing = await nagare(['get', stream, '1']);
  assert.equal(missing.code, 4);
});

test('a tail loses and repeats nothing when the server is killed and started again', async (t) => {
  const own = await spawnServer();
  t.after(() => own.close());
  const run = (args: readonly string[], options: CommandOptions = {}) =>
    runCommand([...args, '--endpoint-url', own.endpoint], {}, options);
  await run(['stream', 'create', 's']);
  const stopping = new AbortController();
  let output = '';
  const tail = run(['tail', 's', '--from', 'oldest', '--format', '%v,'], {
    signal: stopping.signal,
    onOutput: (printed) => (output = printed),
  });
  await run(['put', 's', 'a', 'b']);
  await until(() => output === 'a,b,');
  await own.kill();
  await own.start();
  await run(['put', 's', 'c']);
  await until(() => output === 'a,b,c,');
  stopping.abort('SIGINT');
  assert.equal((await tail).code, 130);
});

test('an export keeps a pipe a pipe and a link a link: other programs use them', async () => {
  const stream = await newStream();
  await nagare(['put', stream, 'hello']);
  const folder = await temporaryFolder();
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  const [piped, exported] = await Promise.all([readFile(pipe, 'utf8'), nagare(['export', stream, pipe])]);
  assert.match(piped, /^\{"ShardId":/, exported.errors);
  assert.ok((await stat(pipe)).isFIFO());
  await writeFile(join(folder, 'target'), 'before');
  await symlink('target', join(folder, 'link'));
  await nagare(['export', stream, join(folder, 'link')]);
  assert.ok((await lstat(join(folder, 'link'))).isSymbolicLink());
  assert.equal(await readFile(join(folder, 'target'), 'utf8'), piped);
});

test('a file that is damaged where it is compressed is an error, never a crash', async () => {
  const stream = await newStream();
  const folder = await temporaryFolder();
  const whole = gzipSync(`{"Text":"${'x'.repeat(10_000)}"}\n`);
  await writeFile(join(folder, 'no.gz'), 'no gzip at all');
  await writeFile(join(folder, 'cut.gz'), whole.subarray(0, whole.length - 20));
  await writeFile(join(folder, 'no.zst'), 'no zstd at all');
  for (const name of ['no.gz', 'cut.gz', 'no.zst']) {
    const { code, errors } = await nagare(['import', stream, name], { workingFolder: folder });
    assert.equal(code, 1, name);
    assert.match(errors, /^nagare: cannot read \S+: \S.*\n$/, name);
  }
});
