import type { StreamRecord, StreamView } from '../consumers/source.ts';
import type { HttpResponse } from '../http/message.ts';
import { notFound } from './answers.ts';
import type { Filter } from './filter.ts';
import { consoleLimits } from './limits.ts';
import { FilteredRecord } from './record-row.ts';
import { filterOf, type From, startOf } from './tail-start.ts';
import type { Views } from './views.ts';

export interface ExportRequest {
  readonly stream: string;
  /** Empty: all. */
  readonly shards: readonly string[];
  readonly from: From;
  readonly filter: string;
  readonly format: 'ndjson' | 'csv';
}

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv; charset=utf-8' } as const;

/**
 * A file with the records from a position to the newest one, shard after shard, read as fast as the browser takes it.
 * Looking disturbs nothing here, too. Throws ConsoleError.
 */
export function exportOf(views: Views, request: ExportRequest): HttpResponse {
  const view = views.source.describe(request.stream);
  if (view === undefined) throw notFound(`stream ${request.stream}`);
  const { format, stream } = request;
  return {
    status: 200,
    headers: {
      'Content-Type': TYPES[format],
      'Content-Disposition': `attachment; filename="${stream}.${format}"`,
      'Content-Security-Policy': "sandbox; default-src 'none'",
    },
    body: linesOf(views, request, view, filterOf(request.filter)),
  };
}

async function* linesOf(
  views: Views,
  request: ExportRequest,
  view: StreamView,
  filter: Filter | undefined,
): AsyncGenerator<Uint8Array, undefined> {
  const { shards, format } = request;
  const budget = { records: consoleLimits.exportRecordsMax, bytes: consoleLimits.exportBytesMax };
  if (format === 'csv') yield Buffer.from(`${HEAD}\r\n`);
  for (const { shardId } of view.shards) {
    if (shards.length > 0 && !shards.includes(shardId)) continue;
    for await (const records of shardOf(views, request, view, shardId)) {
      const lines: string[] = [];
      for (const record of records) {
        if (budget.records <= 0 || budget.bytes <= 0) break;
        budget.bytes -= record.data.length;
        const filtered = new FilteredRecord(record, shardId);
        if (filter !== undefined && !matches(filter, filtered)) continue;
        budget.records--;
        lines.push(format === 'csv' ? csvLine(record, filtered) : ndjsonLine(record, shardId));
      }
      if (lines.length > 0) yield Buffer.from(lines.join(''));
      if (budget.records <= 0 || budget.bytes <= 0) return;
    }
  }
}

/** What is in the shard now; what comes later is not in the file. */
async function* shardOf(
  views: Views,
  request: ExportRequest,
  view: StreamView,
  shardId: string,
): AsyncGenerator<readonly StreamRecord[], undefined> {
  const { source, inspector } = views;
  const position = startOf(views, request, shardId);
  const endIndex = inspector.nextIndex(view.name, shardId) ?? 0;
  if (position === undefined || endIndex === 0) return;
  const reader = await source.open(view, shardId, position);
  const limits = { maxRecords: consoleLimits.tailRowsMax, maxBytes: consoleLimits.readBytesMax };
  for (;;) {
    const { records, ended } = await reader.read(limits);
    const known = records.filter(
      ({ sequenceNumber }) => (inspector.indexOf(view.name, shardId, sequenceNumber) ?? 0) < endIndex,
    );
    yield known;
    if (ended || records.length === 0 || known.length < records.length) return;
  }
}

function matches(filter: Filter, record: FilteredRecord): boolean {
  try {
    return filter(record);
  } catch {
    return false;
  }
}

/** As `nagare tail --ndjson` prints it, and `nagare put --ndjson` takes it. */
function ndjsonLine(
  { sequenceNumber, arrivalMs, partitionKey, data }: StreamRecord,
  shardId: string,
): string {
  return `${JSON.stringify({
    ShardId: shardId,
    SequenceNumber: sequenceNumber,
    ApproximateArrivalTimestamp: new Date(arrivalMs).toISOString(),
    PartitionKey: partitionKey,
    Data: Buffer.from(data).toString('base64'),
  })}\n`;
}

const HEAD = 'time,shard,sequence number,partition key,bytes,data';

function csvLine(
  { sequenceNumber, arrivalMs, partitionKey, data }: StreamRecord,
  record: FilteredRecord,
): string {
  const cells = [
    new Date(arrivalMs).toISOString(),
    record.shard,
    // Programs would round a number of 56 digits.
    `"${sequenceNumber}"`,
    cell(partitionKey),
    String(data.length),
    cell(record.text()),
  ];
  return `${cells.join(',')}\r\n`;
}

/** RFC 4180. What begins like a formula gets an apostrophe, so that no spreadsheet runs it. */
function cell(text: string): string {
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
