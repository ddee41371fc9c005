import { decodePayload } from '../decode/decode.ts';
import { hexDump } from '../decode/hex.ts';
import { notFound } from './answers.ts';
import { consoleLimits } from './limits.ts';
import { chainOf } from './record-row.ts';
import type { Views } from './views.ts';

/** One record with all that is known of it. */
export interface RecordView {
  readonly shard: string;
  readonly seq: string;
  readonly time: number;
  readonly key: string;
  readonly explicitHashKey: string | undefined;
  readonly size: number;
  readonly chain: readonly string[];
  readonly steps: readonly { readonly name: string; readonly says: string }[];
  readonly partCount: number;
  readonly parts: readonly PartView[];
  readonly hex: Excerpt;
  /** Of the records before and after it. */
  readonly previous: string | undefined;
  readonly next: string | undefined;
}

export interface PartView {
  readonly key: string | undefined;
  readonly format: string;
  readonly steps: readonly { readonly name: string; readonly says: string }[];
  readonly refused: readonly { readonly decoder: string; readonly why: string }[];
  readonly content: Excerpt;
}

export interface Excerpt {
  readonly text: string;
  /** All of it, in characters. */
  readonly length: number;
}

const PARTS_SHOWN_MAX = 100;

/** Throws ConsoleError. `whole` returns the content in full, for a page that asks for it. */
export async function recordOf(
  views: Views,
  { stream, shard, seq }: { readonly stream: string; readonly shard: string; readonly seq: string },
  whole: boolean,
): Promise<RecordView> {
  const { source, inspector } = views;
  const view = source.describe(stream);
  const index = inspector.indexOf(stream, shard, seq);
  if (view === undefined || index === undefined) throw notFound(`record ${seq} in ${shard} of ${stream}`);
  const reader = await source.open(view, shard, { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: seq });
  const { records } = await reader.read({ maxRecords: 1, maxBytes: 1 });
  const [record] = records;
  if (record === undefined || inspector.indexOf(stream, shard, record.sequenceNumber) !== index) {
    throw notFound(`record ${seq} in ${shard} of ${stream}: it may have expired`);
  }
  const decoded = decodePayload(record.data);
  const shown = decoded.parts.slice(0, PARTS_SHOWN_MAX);
  const oldest = (await inspector.oldestIndex(stream, shard)) ?? 0;
  const isLast = index + 1 >= (inspector.nextIndex(stream, shard) ?? 0);
  return {
    shard,
    seq: record.sequenceNumber,
    time: record.arrivalMs,
    key: record.partitionKey,
    explicitHashKey: record.explicitHashKey,
    size: record.data.length,
    chain: chainOf(decoded),
    steps: decoded.steps,
    partCount: decoded.partCount,
    parts: shown.map(({ partitionKey, format, steps, refused, text, value }) => ({
      key: partitionKey,
      format,
      steps,
      refused,
      content: excerpt(value === undefined ? text : JSON.stringify(value, undefined, 2), whole),
    })),
    hex: { text: hexDump(record.data.subarray(0, whole ? undefined : 4096)), length: record.data.length },
    previous: index > oldest ? inspector.sequenceNumberAt(stream, shard, index - 1) : undefined,
    next: isLast ? undefined : inspector.sequenceNumberAt(stream, shard, index + 1),
  };
}

function excerpt(text: string, whole: boolean): Excerpt {
  return { text: whole ? text : text.slice(0, consoleLimits.recordCharactersMax), length: text.length };
}
