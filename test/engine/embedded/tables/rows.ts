import type { Engine } from '../../../../src/engine/engine.ts';

interface Row {
  readonly n: number;
  readonly text: string;
}

/** Rows of two tables on disk and one of the catalog, some changed, some deleted: enough for levels of table files. */
export async function fillTables(engine: Engine, commits = 60): Promise<void> {
  const [first, second] = [engine.tables.open<Row>('first'), engine.tables.open<Row>('second')];
  const inMemory = engine.catalog.table<Row>('catalog');
  for (let n = 0; n < commits; n++) {
    await engine.commit({
      change: (to) => {
        to.put(first, `key ${(n * 7) % 41}`, { n, text: 'x'.repeat(n) });
        to.put(second, `key ${n}`, { n, text: 'y' });
        if (n % 3 === 0) to.delete(second, `key ${n / 3}`);
        to.put(inMemory, `key ${n % 17}`, { n, text: 'z'.repeat(n % 50) });
        if (n % 5 === 0) to.delete(inMemory, `key ${(n / 5) % 17}`);
      },
    });
  }
}

/** All rows that fillTables has put. */
export async function rowsOf(engine: Engine): Promise<unknown> {
  const rows: unknown[] = [];
  for (const name of ['first', 'second']) {
    for await (const row of engine.tables.open<Row>(name).entries()) rows.push([name, ...row]);
  }
  for (const row of engine.catalog.table<Row>('catalog').entries()) rows.push(['catalog', ...row]);
  return rows;
}
