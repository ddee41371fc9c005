import { gunzipSync } from 'node:zlib';
import { processingLimits } from './limits.ts';
import { eachRecord, withData } from './each.ts';
import { refusal, type Step } from './step.ts';

// As recorded on AWS.
const FAILED = refusal(
  'Decompression failed.',
  'Decompression failed because input data does not conform to cloudwatch log.',
  'decompression-failed',
);

/**
 * Decompression, and with `extractsMessages` CloudWatchLogProcessing: records are what CloudWatch Logs sends, gzip with
 * JSON. An envelope stays one record; its messages are lines. Records that control the subscription become empty.
 */
export function decompression(extractsMessages: boolean): Step {
  return eachRecord((item) => {
    const text = decompressed(item.record.data);
    if (text === undefined) return FAILED;
    const envelope = parsed(text);
    if (envelope === undefined) return FAILED;
    if (!extractsMessages) return [withData(item, text)];
    const messages = messagesOf(envelope);
    return messages === undefined ? FAILED : [withData(item, Buffer.from(messages))];
  });
}

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
