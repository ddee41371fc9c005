import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { LogSealedError, type Engine } from '../../src/engine/engine.ts';
import { ALL, beforeAndAfter, pack, put, starter, textsOf, type EngineFactory } from './contract.ts';

/** What every implementation of Engine must do with rows of tables, and with commits of records and rows. */
export function describeCommits(factory: EngineFactory): void {
  describe(`the engine contract, tables and commits: ${factory.name}`, () => {
    const start = starter(factory);

    it('stores rows of tables, in key order', async () => {
      const { engine, reopen } = await start();
      const table = engine.catalog.table<{ n: number }>('t');
      await engine.catalog.commit((transaction) => {
        for (const key of ['b/1', 'a/2', 'b/10', 'a/1', 'c']) transaction.put(table, key, { n: key.length });
      });
      await engine.catalog.commit((transaction) => transaction.delete(table, 'c'));
      for await (const now of beforeAndAfter(engine, reopen)) {
        const again = now.catalog.table<{ n: number }>('t');
        assert.deepEqual(
          [...again.entries()].map(([key]) => key),
          ['a/1', 'a/2', 'b/1', 'b/10'],
        );
        assert.deepEqual(
          [...again.entries('b/')],
          [
            ['b/1', { n: 3 }],
            ['b/10', { n: 4 }],
          ],
        );
        assert.equal(again.get('c'), undefined);
        assert.equal(again.size, 4);
      }
    });

    it('applies changes one after another, each seeing earlier ones, none visible before it is durable', async () => {
      const { engine } = await start();
      const { catalog } = engine;
      const table = catalog.table<{ n: number }>('counters');
      const increment = (): Promise<number> =>
        catalog.commit((transaction) => {
          const n = (transaction.get(table, 'x')?.n ?? 0) + 1;
          transaction.put(table, 'x', { n });
          return n;
        });
      const all = Array.from({ length: 20 }, increment);
      assert.equal(table.get('x'), undefined);
      assert.deepEqual(
        await Promise.all(all),
        Array.from({ length: 20 }, (_, n) => n + 1),
      );
      assert.deepEqual(table.get('x'), { n: 20 });
    });

    it('writes nothing when a change throws', async () => {
      const { engine } = await start();
      const table = engine.catalog.table<{ n: number }>('t');
      const failing = engine.catalog.commit((transaction) => {
        transaction.put(table, 'x', { n: 1 });
        assert.deepEqual(transaction.get(table, 'x'), { n: 1 });
        assert.deepEqual([...transaction.entries(table)], [['x', { n: 1 }]]);
        throw new TypeError('no');
      });
      await assert.rejects(failing, TypeError);
      assert.equal(table.get('x'), undefined);
    });

    it("commits records and rows in one step, and passes the records' places to the change", async () => {
      const { engine, reopen } = await start();
      const [log = 0, other = 0] = await engine.createLogs(2);
      const table = engine.catalog.table<{ at: number[] }>('t');
      await put(engine, log, 'a');
      const answer = await engine.commit({
        batches: [log, other, log].map((one) => ({ log: one, records: pack('b', 'c') })),
        change: (to, appended) => {
          const at = appended.map(({ firstIndex }) => firstIndex);
          to.put(table, 'row', { at });
          return at;
        },
      });
      assert.deepEqual(answer.result, [1, 0, 3]);
      assert.deepEqual(
        answer.batches.map(({ firstIndex }) => firstIndex),
        [1, 0, 3],
      );
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(textsOf(await now.read(log, 0, ALL)), ['a', 'b', 'c', 'b', 'c']);
        assert.deepEqual(now.catalog.table('t').get('row'), { at: [1, 0, 3] });
      }
    });

    it('makes the records and the rows of a commit visible together', async () => {
      const { engine } = await start();
      const [log = 0] = await engine.createLogs(1);
      const table = engine.catalog.table<{ n: number }>('t');
      const rows = (async () => {
        await engine.waitFor(log, 0, new AbortController().signal);
        return table.get('row');
      })();
      const committing = engine.commit({
        batches: [{ log, records: pack('a') }],
        change: (to) => to.put(table, 'row', { n: 1 }),
      });
      assert.deepEqual([engine.bounds(log).nextIndex, table.get('row')], [0, undefined]);
      assert.deepEqual(await rows, { n: 1 });
      await committing;
    });

    it('stores nothing of a commit whose change throws or whose log is sealed', async () => {
      const { engine } = await start();
      const [log = 0, sealed = 0] = await engine.createLogs(2);
      await engine.seal(sealed);
      const table = engine.catalog.table<{ n: number }>('t');
      const thrown = engine.commit({
        batches: [{ log, records: pack('a') }],
        change: (to) => {
          to.put(table, 'row', { n: 1 });
          throw new TypeError('no');
        },
      });
      await assert.rejects(thrown, TypeError);
      const late = engine.commit({
        batches: [log, sealed].map((one) => ({ log: one, records: pack('a') })),
        change: (to) => to.put(table, 'row', { n: 2 }),
      });
      await assert.rejects(late, LogSealedError);
      assert.deepEqual([engine.bounds(log).nextIndex, table.size], [0, 0]);
      assert.equal(await put(engine, log, 'b'), 0);
    });

    it('changes rows once for a commit and its retry', async () => {
      const { engine, reopen } = await start();
      const [log = 0] = await engine.createLogs(1);
      const idempotencyKey = { id: Buffer.from('id'), digest: Buffer.from('digest') };
      const increment = async (on: Engine) => {
        const table = on.catalog.table<{ n: number }>('t');
        const batches = [{ log, records: pack('a') }];
        const { repeated, result } = await on.commit({
          batches,
          idempotencyKey,
          change: (to) => {
            const n = (to.get(table, 'row')?.n ?? 0) + 1;
            to.put(table, 'row', { n });
            return n;
          },
        });
        return [repeated, result];
      };
      assert.deepEqual(await Promise.all([increment(engine), increment(engine)]), [
        [false, 1],
        [true, undefined],
      ]);
      for await (const now of beforeAndAfter(engine, reopen)) {
        assert.deepEqual(await increment(now), [true, undefined]);
        assert.deepEqual(now.catalog.table('t').get('row'), { n: 1 });
        assert.equal(now.bounds(log).nextIndex, 1);
      }
    });

    it('stores a row as it was given, whatever the caller does with it afterwards', async () => {
      const { engine } = await start();
      const table = engine.catalog.table<{ list: number[] }>('t');
      const row = { list: [1] };
      await engine.catalog.commit((transaction) => transaction.put(table, 'x', row));
      row.list.push(2);
      assert.deepEqual(table.get('x'), { list: [1] });
    });
  });
}
