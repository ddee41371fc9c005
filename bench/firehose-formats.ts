/**
 * JSON records to Parquet beside hyparquet-writer alone on the same columns, in turns: the records' rows as arrays
 * that are there already, written with the library's own defaults.
 *
 *   node bench/firehose-formats.ts [rounds, 5] [thousand records a round, 50]
 */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { Conversion } from '../src/delivery/formats/conversion.ts';
import { parseColumns } from '../src/delivery/formats/hive-type.ts';
import { parquetSchema } from '../src/delivery/formats/parquet-schema.ts';
import { RowReader } from '../src/delivery/formats/row-reader.ts';
import { serDeRules } from '../src/delivery/formats/serde.ts';

const rounds = Number(process.argv[2] ?? 5);
const count = Number(process.argv[3] ?? 50) * 1000;

const columns = [
  { name: 'id', type: 'bigint' },
  { name: 'at', type: 'timestamp' },
  { name: 'customer', type: 'string' },
  { name: 'amount', type: 'decimal(12,2)' },
  { name: 'count', type: 'int' },
  { name: 'paid', type: 'boolean' },
  { name: 'weight', type: 'double' },
  { name: 'note', type: 'string' },
  { name: 'tags', type: 'array<string>' },
];
const serDe = { kind: 'OpenX', caseInsensitive: true, convertsDots: false, keyOfColumn: {} } as const;
const parquet = {
  compression: 'SNAPPY',
  blockSizeBytes: 256 * 1024 * 1024,
  pageSizeBytes: 1024 * 1024,
  hasDictionaries: false,
  maxPaddingBytes: 0,
  writerVersion: 'V1',
} as const;

const records = Array.from({ length: count }, (_, at) => record(at));
const bytes = records.reduce((sum, { length }) => sum + length, 0);
const fields = parseColumns(columns);
const rows: unknown[][] = fields.map(() => []);
const reader = new RowReader(fields, serDeRules(serDe));
for (const one of records) reader.read(one, rows);

const conversion = new Conversion({ columns, serDe, parquet });
const own: number[] = [];
const baseline: number[] = [];
for (let round = 0; round < rounds; round++) {
  own.push(timed(() => void conversion.convert(records, bytes)));
  baseline.push(timed(write));
}
const [mine, theirs] = [own, baseline].map((all) => bytes / 1e6 / (median(all) / 1000));
const ratio = ((mine ?? 0) / (theirs ?? 1)).toFixed(2);
console.log(`JSON to Parquet: ${mine?.toFixed(0)} MB/s, baseline ${theirs?.toFixed(0)} MB/s, ratio ${ratio}`);

/** A record of 1 KiB. */
function record(at: number): Uint8Array {
  const text = JSON.stringify({
    id: at * 1_000_003,
    at: `2026-11-29 01:02:${String(at % 60).padStart(2, '0')}.123`,
    customer: `customer ${at % 5000}`,
    amount: ((at * 7919) % 1_000_000) / 100,
    count: at % 1000,
    paid: at % 3 === 0,
    weight: at / 8,
    tags: [`tag ${at % 10}`, 'new'],
  });
  return Buffer.from(`${text.slice(0, -1)},"note":"${words(at, 1012 - text.length)}"}`);
}

/** Compresses about as text does. */
function words(seed: number, length: number): string {
  let text = '';
  for (let value = seed; text.length < length; value = (value * 1_103_515_245 + 12_345) % 2_147_483_648)
    text += `${value.toString(36)} order `;
  return text.slice(0, length);
}

function write(): void {
  parquetWriteBuffer({
    columnData: columns.map(({ name }, index) => ({ name, data: rows[index] ?? [] })),
    schema: parquetSchema(fields),
    rowGroupSize: count,
  });
}

function timed(run: () => void): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
