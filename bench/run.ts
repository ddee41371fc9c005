/**
 * The table of docs/benchmarks.md: each kind of work beside a baseline of its own, in turns, in one run.
 *
 *     npm run bench                      all rows; writes the table and the plot into docs/
 *     npm run bench -- putRecord lines   those rows only, printed and not written
 *     npm run bench -- --seconds 1       shorter rounds (3 s else), not written either
 */
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { getRecords } from './rows/get-records.ts';
import { lines, pushed } from './rows/latency.ts';
import { putRecordsLarge, putRecordsSmall } from './rows/put-records.ts';
import { putRecord, putRecordBySdk, putRecordMock } from './rows/put-record.ts';
import { plot } from './support/plot.ts';
import { circumstances, table } from './support/report.ts';
import type { BenchOptions, Row } from './support/row.ts';

const ROUNDS = 5;
const PLOT = '![nagare and its baselines](benchmarks.svg)';
const rows: Readonly<Record<string, (options: BenchOptions) => Promise<Row>>> = {
  putRecordsSmall,
  putRecordsLarge,
  putRecord,
  putRecordMock,
  putRecordBySdk,
  getRecords,
  pushed,
  lines,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' } },
});
const unknown = positionals.filter((name) => !(name in rows));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; there are ${Object.keys(rows).join(', ')}`);

const options = { rounds: ROUNDS, roundMs: Number(values.seconds ?? 3) * 1000 };
const [loadBefore = 0] = loadavg();
const measured: Row[] = [];
for (const [name, measure] of Object.entries(rows)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  measured.push(await measure(options));
}
const [loadAfter = 0] = loadavg();
const text = `${table(measured)}\n\n${circumstances(ROUNDS, loadBefore, loadAfter)}`;
process.stdout.write(`${text}\n`);
if (positionals.length === 0 && values.seconds === undefined) await write(text);

/** Between the marks; what is around them is written by hand. */
async function write(content: string): Promise<void> {
  const page = new URL('../docs/benchmarks.md', import.meta.url);
  const [before, , after] = (await readFile(page, 'utf8')).split(/<!-- (?:table|end of the table) -->/);
  if (before === undefined || after === undefined) throw new Error('docs/benchmarks.md has lost its marks');
  await writeFile(
    page,
    `${before}<!-- table -->\n\n${PLOT}\n\n${content}\n\n<!-- end of the table -->${after}`,
  );
  await writeFile(new URL('../docs/benchmarks.svg', import.meta.url), plot(measured));
}
