import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Engine } from '../../src/engine/engine.ts';
import type { DiskTable, RowRange } from '../../src/engine/tables.ts';
import { beforeAndAfter, pack, starter, type EngineFactory } from './contract.ts';

interface Row {
  readonly n: number;
  readonly text?: string;
}

async function scan(table: DiskTable<Row>, range?: RowRange): Promise<(readonly [string, Row])[]> {
  const rows: (readonly [string, Row])[] = [];
  for await (const row of table.entries(range)) rows.push(row);
  return rows;
}

async function keys(table: DiskTable<Row>, range?: RowRange): Promise<string[]> {
  return (await scan(table, range)).map(([key]) => key);
}

async function putAll(
  engine: Engine,
  table: DiskTable<Row>,
  rows: Iterable<readonly [string, Row]>,
): Promise<void> {
  await engine.commit({
    change: (to) => {
      for (const [key, row] of rows) to.put(table, key, row);
    },
  });
}

function numbered(n: number): string {
  return String(n).padStart(6, '0');
}

/** What every implementation of Engine must do with tables on disk. */
export function describeTables(factory: EngineFactory): void {
  describe(`the engine contract, tables on disk: ${factory.name}`, () => {
    const start = starter(factory);

    it('returns rows by key, as last put, and no deleted ones', async () => {
      const { engine, reopen } = await start();
      const table = engine.tables.open<Row>('t');
      await putAll(engine, table, [
        ['a', { n: 1 }],
        ['b', { n: 2 }],
        ['c', { n: 3, text: 'ü€😀' }],
      ]);
      await engine.commit({
        change: (to) => {
          to.put(table, 'a', { n: 10 });
          to.delete(table, 'b');
          to.delete(table, 'never was');
        },
      });
      for await (const now of beforeAndAfter(engine, reopen)) {
        const again = now.tables.open<Row>('t');
        assert.deepEqual(await again.get('a'), { n: 10 });
        assert.equal(await again.get('b'), undefined);
        assert.deepEqual(await again.get('c'), { n: 3, text: 'ü€😀' });
        assert.deepEqual(await scan(again), [
          ['a', { n: 10 }],
          ['c', { n: 3, text: 'ü€😀' }],
        ]);
        assert.equal(await now.tables.open('other').get('a'), undefined);
      }
    });

    it('separates tables, also from catalog tables of the same name', async () => {
      const { engine, reopen } = await start();
      const inMemory = engine.catalog.table<Row>('t');
      await engine.commit({
        change: (to) => {
          to.put(inMemory, 'k', { n: 1 });
          to.put(engine.tables.open<Row>('t'), 'k', { n: 2 });
          to.put(engine.tables.open<Row>('t2'), 'k', { n: 3 });
        },
      });
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(now.catalog.table('t').get('k'), { n: 1 });
        assert.deepEqual([...now.catalog.table('t').entries()], [['k', { n: 1 }]]);
        assert.deepEqual(await scan(now.tables.open('t')), [['k', { n: 2 }]]);
        assert.deepEqual(await scan(now.tables.open('t2')), [['k', { n: 3 }]]);
      }
    });

    it('scans ranges in key order, whatever the order of the puts', async () => {
      const { engine, reopen } = await start();
      const table = engine.tables.open<Row>('t');
      // 7919 is a prime: each number once, in no order.
      for (let from = 0; from < 1000; from += 50) {
        const some = Array.from({ length: 50 }, (_, n) => ((from + n) * 7919) % 1000);
        await putAll(
          engine,
          table,
          some.map((n) => [numbered(n), { n }] as const),
        );
      }
      await engine.commit({
        change: (to) => {
          for (let n = 0; n < 1000; n += 3) to.delete(table, numbered(n));
        },
      });
      const left = Array.from({ length: 1000 }, (_, n) => n).filter((n) => n % 3 !== 0);
      const wanted = (holds: (n: number) => boolean): string[] => left.filter(holds).map(numbered);
      for await (const now of beforeAndAfter(engine, reopen)) {
        const again = now.tables.open<Row>('t');
        assert.deepEqual(
          await keys(again),
          wanted(() => true),
        );
        assert.deepEqual(
          await keys(again, { from: '000500' }),
          wanted((n) => n >= 500),
        );
        assert.deepEqual(
          await keys(again, { after: '000500' }),
          wanted((n) => n > 500),
        );
        assert.deepEqual(
          await keys(again, { before: '000500' }),
          wanted((n) => n < 500),
        );
        assert.deepEqual(
          await keys(again, { prefix: '0007' }),
          wanted((n) => n >= 700 && n < 800),
        );
        assert.deepEqual(
          await keys(again, { prefix: '0007', after: '000750', limit: 10 }),
          wanted((n) => n > 750 && n < 800).slice(0, 10),
        );
        assert.deepEqual(await keys(again, { from: '001' }), []);
        assert.deepEqual(await keys(again, { limit: 0 }), []);
        for (let n = 0; n < 1000; n += 37) {
          assert.deepEqual(await again.get(numbered(n)), n % 3 === 0 ? undefined : { n });
        }
      }
    });

    it('orders keys by their UTF-8 bytes, and refuses invalid ones', async () => {
      const { engine, reopen } = await start();
      const table = engine.tables.open<Row>('t');
      // In UTF-16 the last two are the other way round.
      const inOrder = ['', '\0', 'a', 'a\0', 'ab', 'é', '\u{ff5e}', '\u{1f600}'];
      await putAll(
        engine,
        table,
        inOrder.toReversed().map((key, n) => [key, { n }] as const),
      );
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(await keys(now.tables.open('t')), inOrder);
        assert.deepEqual(await keys(now.tables.open('t'), { prefix: 'a' }), ['a', 'a\0', 'ab']);
        assert.deepEqual(await keys(now.tables.open('t'), { after: 'a', prefix: 'a' }), ['a\0', 'ab']);
      }
    });

    it('refuses a key that is too long or has no UTF-8, and then commits nothing', async () => {
      const { engine } = await start();
      const table = engine.tables.open<Row>('t');
      for (const key of ['x'.repeat(2049), '\ud800']) {
        await assert.rejects(
          engine.commit({
            change: (to) => {
              to.put(table, 'ok', { n: 1 });
              to.put(table, key, { n: 2 });
            },
          }),
          RangeError,
        );
      }
      assert.deepEqual(await keys(table), []);
    });

    it('shows nothing before it is durable, and records and rows of a commit together', async () => {
      const { engine, reopen } = await start();
      const table = engine.tables.open<Row>('t');
      const [log = 0] = await engine.createLogs(1);
      const committing = engine.commit({
        batches: [{ log, records: pack('a') }],
        change: (to, [first]) => to.put(table, 'at', { n: first?.firstIndex ?? -1 }),
      });
      assert.equal(await table.get('at'), undefined);
      await committing;
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(await now.tables.open('t').get('at'), { n: 0 });
        assert.equal(now.bounds(log).nextIndex, 1);
      }
    });

    it('returns each row that stays exactly once while the table changes during a scan', async () => {
      const { engine } = await start();
      const table = engine.tables.open<Row>('t');
      const evens = Array.from({ length: 400 }, (_, n) => numbered(2 * n));
      await putAll(
        engine,
        table,
        evens.map((key, n) => [key, { n }] as const),
      );
      const seen: string[] = [];
      for await (const [key] of table.entries()) {
        if (seen.length % 20 === 0) {
          await engine.commit({
            change: (to) => {
              to.put(table, numbered(((seen.length * 13) % 800) | 1), { n: -1 });
              to.put(table, numbered(((seen.length * 17) % 400) * 2), { n: -2, text: 'x'.repeat(200) });
            },
          });
        }
        seen.push(key);
      }
      assert.deepEqual([...seen].sort(), seen);
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(
        seen.filter((key) => Number(key) % 2 === 0),
        evens,
      );
    });

    it('keeps rows of any size up to the bound', async () => {
      const { engine, reopen } = await start();
      const table = engine.tables.open<Row>('t');
      const sizes = [0, 1, 4000, 5000, 300_000, 3_000_000];
      for (const n of sizes) await putAll(engine, table, [[numbered(n), { n, text: '.'.repeat(n) }]]);
      for await (const now of beforeAndAfter(engine, reopen)) {
        const rows = await scan(now.tables.open<Row>('t'));
        assert.deepEqual(
          rows.map(([, { text }]) => text?.length),
          sizes,
        );
        assert.equal((await now.tables.open<Row>('t').get(numbered(300_000)))?.text?.length, 300_000);
      }
      await assert.rejects(putAll(engine, table, [['x', { n: 0, text: '.'.repeat(5_000_000) }]]));
    });
  });
}
