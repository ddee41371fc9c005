import { decodePayload, type Decoded, type DecodedPart } from '../../decode/decode.ts';
import { plain } from '../output/plain.ts';
import { ndjsonLine, type ReadRecord } from './record.ts';

const HEX_BYTES_MAX = 64;

/** What a person reads of a record: one line, or one for each record of an aggregated one. */
export interface ShownPart {
  readonly key: string;
  readonly text: string;
}

export function shownParts({ Data, PartitionKey }: ReadRecord): ShownPart[] {
  const data = Buffer.from(Data, 'base64');
  return decodePayload(data).parts.map((part) => ({
    key: part.partitionKey ?? PartitionKey,
    text: oneLine(part, data),
  }));
}

/** Controls are escaped; bytes of no known form are hex. */
function oneLine({ format, text }: DecodedPart, data: Buffer): string {
  if (format !== 'hex') return plain(text);
  const more = data.length > HEX_BYTES_MAX ? '...' : '';
  return `0x${data.toString('hex', 0, HEX_BYTES_MAX)}${more}`;
}

/** The line of --ndjson with what its data are; still lossless. */
export function decodedNdjsonLine(shardId: string, record: ReadRecord): string {
  const line = ndjsonLine(shardId, record);
  return `${line.slice(0, -2)},"Decoded":${JSON.stringify(summaryOf(decodePayload(Buffer.from(record.Data, 'base64'))))}}\n`;
}

function summaryOf({ steps, parts, partCount }: Decoded): object {
  return {
    Steps: steps.map(({ name }) => name),
    Records: partCount,
    Parts: parts.map((part) => ({
      ...(part.partitionKey !== undefined && { PartitionKey: part.partitionKey }),
      Format: part.format,
      Steps: part.steps.map(({ name }) => name),
      Text: part.text,
    })),
  };
}

/** What `nagare get` says of a payload: how it was read, why not otherwise, and what it is. */
export function decodedText(data: Uint8Array): string {
  const { steps, parts, partCount } = decodePayload(data);
  const head = steps.map(({ name, says }) => `${name.padEnd(16)} ${says}`);
  const texts = parts.flatMap((part, at) => [
    ...(partCount > 1
      ? [`\nrecord ${at + 1} of ${partCount}, partition key ${plain(part.partitionKey ?? '')}`]
      : ['']),
    ...part.steps.map(({ name, says }) => `${name.padEnd(16)} ${says}`),
    `format           ${part.format}`,
    ...part.refused.map(({ decoder, why }) => `not ${decoder.padEnd(12)} ${why}`),
    '',
    // As many lines as it has, each inert.
    part.text.split('\n').map(plain).join('\n'),
  ]);
  const left = partCount - parts.length;
  return [...head, ...texts, ...(left > 0 ? [`\n${left} more records`] : [])].join('\n').trimStart();
}
