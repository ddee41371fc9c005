import { gunzipSync } from 'node:zlib';
import { processingLimits } from './limits.ts';
import { eachRecord, withData } from './each.ts';
import { type Item, type RecordOutcome, refusal, type Step } from './step.ts';

// As recorded on AWS.
const FAILED = refusal(
  'Decompression failed.',
  'Decompression failed because input data does not conform to cloudwatch log.',
  'decompression-failed',
);

// nagare's own bound.
const TOO_MUCH = refusal(
  'Decompression failed.',
  `The records of one delivery have more than ${processingLimits.decompressedRangeBytesMax / 1024 / 1024} MiB when they are decompressed.`,
  'decompression-failed',
);

/**
 * Decompression and, with `extractsMessages`, CloudWatchLogProcessing. CloudWatch Logs sends records as gzipped JSON.
 * An envelope stays one record with its messages as lines. Control messages of the subscription become empty records.
 */
export function decompression(extractsMessages: boolean): Step {
  return {
    async run(items, context) {
      let bytesLeft: number = processingLimits.decompressedRangeBytesMax;
      const change = (item: Item): RecordOutcome => {
        const text = decompressed(item.record.data);
        if (text === undefined) return FAILED;
        if (text.length > bytesLeft) return TOO_MUCH;
        const envelope = parsed(text);
        if (envelope === undefined) return FAILED;
        const data = extractsMessages ? messagesOf(envelope) : text;
        if (data === undefined) return FAILED;
        bytesLeft -= data.length;
        return [withData(item, typeof data === 'string' ? Buffer.from(data) : data)];
      };
      return await eachRecord(change).run(items, context);
    },
  };
}

/**
 * The size that a compressed record states for its content (RFC 1952, ISIZE), within what a record may have; that of
 * the data if it is not compressed. A range is limited by it, so that its content fits in memory.
 */
export function statedSize({ data }: { readonly data: Uint8Array }): number {
  const { buffer, byteOffset, byteLength } = data;
  if (byteLength < GZIP_BYTES_MIN || data[0] !== GZIP_MAGIC[0] || data[1] !== GZIP_MAGIC[1])
    return byteLength;
  const stated = new DataView(buffer, byteOffset, byteLength).getUint32(byteLength - 4, true);
  return Math.max(byteLength, Math.min(stated, processingLimits.decompressedBytesMax));
}

const GZIP_MAGIC = [0x1f, 0x8b];
/** The header and the trailer. */
const GZIP_BYTES_MIN = 18;

function decompressed(data: Uint8Array): Buffer | undefined {
  try {
    // A few bytes can become gigabytes.
    return gunzipSync(data, { maxOutputLength: processingLimits.decompressedBytesMax });
  } catch {
    return undefined;
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

function messagesOf(envelope: unknown): string | undefined {
  if (typeof envelope !== 'object' || envelope === null || !('messageType' in envelope)) return undefined;
  if (envelope.messageType === 'CONTROL_MESSAGE') return '';
  if (envelope.messageType !== 'DATA_MESSAGE' || !('logEvents' in envelope)) return undefined;
  if (!Array.isArray(envelope.logEvents)) return undefined;
  let lines = '';
  for (const event of envelope.logEvents as readonly unknown[]) {
    if (typeof event !== 'object' || event === null || !('message' in event)) return undefined;
    const { message } = event;
    if (typeof message !== 'string') return undefined;
    lines += `${message}\n`;
  }
  return lines;
}
