import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});
const object = { Bucket: process.env['BUCKET'] ?? 'my-bucket-name', Key: process.env['KEY'] ?? 'log.txt' };

interface KinesisEvent {
  readonly Records: readonly {
    readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
  }[];
}

/**
 * A function that a stream calls with batches, and that keeps one object with a line for each record.
 *
 * Each line is there once, although a batch comes again whenever the function failed, even if it failed after it had
 * written: the object remembers the last sequence number that is in it, and the write is conditional on nobody having
 * written since. Throwing is the right answer to a lost race: the batch comes again.
 */
export async function handler(event: KinesisEvent): Promise<void> {
  const { text, last, condition } = await read();
  const fresh = event.Records.filter(({ kinesis }) => BigInt(kinesis.sequenceNumber) > last);
  const newest = fresh.at(-1)?.kinesis.sequenceNumber;
  if (newest === undefined) return;
  const lines = fresh.map(({ kinesis }) => `${new Date().toISOString()},${messageOf(kinesis.data)}\n`);
  await s3.send(
    new PutObjectCommand({
      ...object,
      ...condition,
      Body: text + lines.join(''),
      Metadata: { 'last-sequence-number': newest },
    }),
  );
}

async function read() {
  try {
    const found = await s3.send(new GetObjectCommand(object));
    return {
      text: (await found.Body?.transformToString()) ?? '',
      last: BigInt(found.Metadata?.['last-sequence-number'] ?? -1),
      condition: { IfMatch: found.ETag },
    };
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    return { text: '', last: -1n, condition: { IfNoneMatch: '*' } };
  }
}

function messageOf(data: string): string {
  const record: unknown = JSON.parse(Buffer.from(data, 'base64').toString());
  if (typeof record === 'object' && record !== null && 'message' in record) return String(record.message);
  throw new Error('the record has no message');
}
