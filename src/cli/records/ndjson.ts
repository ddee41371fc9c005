import { CommandError } from '../terminal.ts';
import { entryOf, type PutEntry } from './put-batch.ts';

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** As `tail --ndjson` writes it, with a key of plain ASCII. */
const OWN_LINE =
  /^\{"ShardId":"[\w-]+","SequenceNumber":"\d+","ApproximateArrivalTimestamp":"[\w:.-]+","PartitionKey":"([ !#-[\]-~]*)","Data":"([A-Za-z0-9+/]*={0,2})"\}$/;

/**
 * A line of `put --ndjson`: AWS's names, as `tail --ndjson` and `aws kinesis get-records` print them. `Data` is base64;
 * `Text` and `Json` are data for people who write lines by hand. Throws CommandError.
 */
export function entryOfLine(line: Buffer, number: number, newKey: () => string): PutEntry {
  const own = OWN_LINE.exec(line.toString('latin1'));
  // Keys that are plain need not be parsed.
  if (own?.[1] !== undefined && own[2] !== undefined) return entryOf(own[2], own[1]);
  const refuse = (why: string): CommandError =>
    new CommandError(`line ${number} is no record: ${why}`, {
      remedy: 'nagare help ndjson',
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.toString());
  } catch {
    throw refuse('it is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw refuse('it is not a JSON object');
  const { Data, Text, Json, PartitionKey, ExplicitHashKey } = parsed as Readonly<Record<string, unknown>>;
  if (PartitionKey !== undefined && typeof PartitionKey !== 'string')
    throw refuse('PartitionKey is not a string');
  if (ExplicitHashKey !== undefined && typeof ExplicitHashKey !== 'string') {
    throw refuse('ExplicitHashKey is not a string');
  }
  const key = PartitionKey ?? newKey();
  if (typeof Data === 'string') {
    if (!BASE64.test(Data)) throw refuse('Data is not base64; text is in Text');
    return entryOf(Data, key, ExplicitHashKey);
  }
  if (typeof Text === 'string') return entryOf(Buffer.from(Text).toString('base64'), key, ExplicitHashKey);
  if (Json === undefined) throw refuse('it has no Data, Text or Json');
  return entryOf(Buffer.from(JSON.stringify(Json)).toString('base64'), key, ExplicitHashKey);
}
