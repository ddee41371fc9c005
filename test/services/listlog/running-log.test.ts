import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MetricRegistry } from '../../../src/metrics.ts';
import { FakeStreams } from '../../support/fake-streams.ts';
import { until } from '../../support/until.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { listLog, row, type Kept } from './setting.ts';

const format = '{shardId}:{message}';
const plainRow = { ...row, format: '{message}' };

function put(streams: FakeStreams, shardId: string, ...messages: (string | number)[]): void {
  for (const message of messages) {
    streams.putRecord('s', shardId, 'k', Buffer.from(JSON.stringify({ message })));
  }
}

function setting(options: { appendMinBytes?: number; format?: string; shards?: number } = {}) {
  const streams = new FakeStreams(() => Date.UTC(2026, 10, 22));
  const shards = streams.create('s', options.shards ?? 1);
  const store = new FakeStore(options.appendMinBytes ?? 0);
  const kept: Kept = { row: { ...row, format: options.format ?? '{message}' } };
  return { streams, shards, store, kept, text: () => store.text('b', 'log.txt') };
}

describe('a list log', () => {
  it('writes each record as one line, in order, and continues after a restart', async () => {
    const { streams, shards, store, kept, text } = setting();
    const [shard = ''] = shards;
    put(streams, shard, 1, 2, 3);
    let log = listLog(streams, store, kept);
    log.start();
    await until(() => text() === '1\n2\n3\n');
    put(streams, shard, 4);
    await until(() => text() === '1\n2\n3\n4\n');
    await log.close();
    put(streams, shard, 5);
    log = listLog(streams, store, kept);
    log.start();
    await until(() => text() === '1\n2\n3\n4\n5\n');
    await log.close();
  });

  it('writes all records that arrived during a write with the next one', async () => {
    const { streams, shards, store, kept, text } = setting();
    const [shard = ''] = shards;
    const log = listLog(streams, store, kept);
    put(streams, shard, ...Array.from({ length: 1000 }, (_, i) => i));
    log.start();
    await until(() => text().endsWith('999\n'));
    assert.equal(store.writes, 1);
    assert.equal(text(), Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(''));
    await log.close();
  });

  it('puts a small object again as a whole, and appends to a large one', async () => {
    const { streams, shards, store, kept, text } = setting({ appendMinBytes: 10 });
    const [shard = ''] = shards;
    const operations: string[] = [];
    store.fate = (operation) => {
      operations.push(operation);
      return 'well';
    };
    const log = listLog(streams, store, kept);
    log.start();
    for (const message of ['aaaa', 'bbbb', 'cccc']) {
      const before = text();
      put(streams, shard, message);
      await until(() => text() !== before);
    }
    await log.close();
    assert.equal(text(), 'aaaa\nbbbb\ncccc\n');
    assert.deepEqual(operations, ['head', 'put', 'put', 'append']);
  });

  it('merges shards into one object, children after their parents', async () => {
    const { streams, shards, store, kept, text } = setting({ format, shards: 2 });
    const [a = '', b = ''] = shards;
    const log = listLog(streams, store, kept);
    log.start();
    put(streams, a, 1, 2);
    put(streams, b, 1);
    const [c = '', d = ''] = streams.split('s', a);
    put(streams, c, 3);
    put(streams, d, 3);
    put(streams, b, 2);
    await until(() => text().split('\n').length === 7);
    const lines = text().trim().split('\n');
    const of = (shardId: string) =>
      lines.filter((line) => line.startsWith(shardId)).map((line) => line.slice(-1));
    assert.deepEqual([of(a), of(b), of(c), of(d)], [['1', '2'], ['1', '2'], ['3'], ['3']]);
    assert.ok(lines.indexOf(`${a}:2`) < lines.indexOf(`${c}:3`));
    await until(() => log.info.state?.positions.get(a)?.state === 'finished');
    await log.close();
  });

  it('counts lines and raw lines in the object itself, and as metrics', async () => {
    const { streams, shards, store, kept, text } = setting();
    const metrics = new MetricRegistry();
    const [shard = ''] = shards;
    const log = listLog(streams, store, kept, metrics);
    log.start();
    put(streams, shard, 1);
    streams.put('s', shard, 'no json');
    await until(() => text() === '1\nno json\n');
    await until(() => log.info.state?.rawLines === 1);
    assert.equal(log.info.state?.lines, 2);
    const sums = [...metrics].map((samples) => [samples.identity.name, samples.sum]);
    assert.deepEqual(sums.slice(0, 3), [
      ['LinesWritten', 2],
      ['RawLines', 1],
      ['BytesWritten', 10],
    ]);
    await log.close();
  });

  it('reads a stream that was deleted and created again from its beginning', async () => {
    const { streams, shards, store, kept, text } = setting();
    const log = listLog(streams, store, kept);
    log.start();
    put(streams, shards[0] ?? '', 'old');
    await until(() => text() === 'old\n');
    streams.delete('s');
    const [shard = ''] = streams.create('s');
    put(streams, shard, 'new');
    await until(() => text() === 'old\nnew\n');
    await log.close();
  });

  it("keeps the object's existing content before its first line", async () => {
    const { streams, shards, store, kept, text } = setting({ appendMinBytes: 100 });
    store.overwrite('b', 'log.txt', 'of old\n');
    put(streams, shards[0] ?? '', 1);
    const log = listLog(streams, store, kept);
    log.start();
    await until(() => text() === 'of old\n1\n');
    await log.close();
  });

  // The first line was once glued to what had no line feed at its end.
  for (const [how, appendMinBytes] of [
    ['by appending', 0],
    ['by putting it again', 100],
  ] as const) {
    it(`ends the last line of the existing content, once (${how})`, async () => {
      const { streams, shards, store, kept, text } = setting({ appendMinBytes });
      const [shard = ''] = shards;
      store.overwrite('b', 'log.txt', 'a\nof old');
      put(streams, shard, 1);
      const log = listLog(streams, store, kept);
      log.start();
      await until(() => text() === 'a\nof old\n1\n');
      put(streams, shard, 2);
      await until(() => text() === 'a\nof old\n1\n2\n');
      await log.close();
      // Whatever is at the end when a list log goes on is its own.
      put(streams, shard, 3);
      const next = listLog(streams, store, kept);
      next.start();
      await until(() => text() === 'a\nof old\n1\n2\n3\n');
      await next.close();
    });
  }

  it('starts an existing empty object with a line', async () => {
    const { streams, shards, store, kept, text } = setting();
    store.overwrite('b', 'log.txt', '');
    put(streams, shards[0] ?? '', 1);
    const log = listLog(streams, store, kept);
    log.start();
    await until(() => text() === '1\n');
    await log.close();
  });
});

/** A list log at work that has written its first line. */
async function written() {
  const all = setting();
  put(all.streams, all.shards[0] ?? '', 1);
  const log = listLog(all.streams, all.store, all.kept);
  log.start();
  await until(() => all.text() === '1\n' && all.kept.row.written);
  return { ...all, log, shard: all.shards[0] ?? '' };
}

describe('a list log whose object is changed by others', () => {
  it('stops and says so when it is overwritten, and changes nothing', async () => {
    const { streams, shard, store, text, log } = await written();
    store.overwrite('b', 'log.txt', 'mine now');
    put(streams, shard, 2);
    await until(() => log.info.failure !== undefined);
    assert.match(log.info.failure?.message ?? '', /was overwritten: it no longer has the positions/);
    assert.equal(text(), 'mine now');
    await log.close();
  });

  it('stops and says so when it is deleted, also after a restart', async () => {
    const { streams, shard, store, kept, log } = await written();
    await log.close();
    store.objects.clear();
    put(streams, shard, 2);
    const next = listLog(streams, store, kept);
    next.start();
    await until(() => next.info.failure !== undefined);
    assert.match(next.info.failure?.message ?? '', /was deleted/);
    assert.equal(store.objects.size, 0);
    await next.close();
  });

  it('stops and says so when another list log took it over', async () => {
    const { streams, shard, store, log, text } = await written();
    const other = listLog(streams, store, { row: { ...plainRow, id: 'another' } });
    other.start();
    await until(() => text() === '1\n1\n');
    put(streams, shard, 2);
    await until(() => log.info.failure !== undefined);
    assert.match(log.info.failure?.message ?? '', /another list log/);
    await until(() => text() === '1\n1\n2\n');
    await Promise.all([log.close(), other.close()]);
  });

  it('leaves no gap when an earlier version is restored: a restart writes the missing lines', async () => {
    const { streams, shard, store, kept, text, log } = await written();
    const earlier = store.objects.get('b/log.txt');
    assert.ok(earlier);
    put(streams, shard, 2);
    await until(() => text() === '1\n2\n');
    store.objects.set('b/log.txt', earlier);
    put(streams, shard, 3);
    await until(() => log.info.failure !== undefined);
    assert.match(log.info.failure?.message ?? '', /replaced by an earlier version/);
    assert.equal(text(), '1\n');
    await log.close();
    const next = listLog(streams, store, kept);
    next.start();
    await until(() => text() === '1\n2\n3\n');
    await next.close();
  });

  it('continues by itself when the object is restored', async () => {
    const { streams, shard, store, text, log } = await written();
    const before = store.objects.get('b/log.txt');
    assert.ok(before);
    store.overwrite('b', 'log.txt', 'by mistake');
    put(streams, shard, 2);
    await until(() => log.info.failure !== undefined);
    store.objects.set('b/log.txt', before);
    await until(() => text() === '1\n2\n');
    await until(() => log.info.failure === undefined);
    await log.close();
  });
});
