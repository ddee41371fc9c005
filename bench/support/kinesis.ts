import { randomBytes } from 'node:crypto';
import { httpRequest } from './load.ts';

/** The calls that benchmarks make, without an SDK. */
const headersOf = (operation: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': operation.includes('.') ? operation : `Kinesis_20131202.${operation}`,
  // kinesalite looks whether it is there.
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=a',
  'x-amz-date': '20260101T000000Z',
});

/** A request as bytes, for the load generator. */
export function callBytes(operation: string, body: object): Buffer {
  return httpRequest('/', headersOf(operation), JSON.stringify(body));
}

/** Calls an operation of Kinesis, or `<target prefix>.<operation>`, and gives its answer. */
export async function call(port: number, operation: string, body: object): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: headersOf(operation),
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text === '' ? {} : JSON.parse(text);
}

export function randomRecord(bytes: number): { Data: string; PartitionKey: string } {
  return { Data: randomBytes(bytes).toString('base64'), PartitionKey: randomBytes(8).toString('hex') };
}

export const STREAM = 'bench';

export async function createStream(port: number, ShardCount: number): Promise<void> {
  await call(port, 'CreateStream', { StreamName: STREAM, ShardCount });
  for (;;) {
    const answer = JSON.stringify(await call(port, 'DescribeStreamSummary', { StreamName: STREAM }));
    if (answer.includes('"ACTIVE"')) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A list log of that stream; resolves when it writes. */
export async function createListLog(port: number): Promise<void> {
  await call(port, 'NagareListLog_20261101.CreateListLog', {
    ListLogName: 'bench',
    Stream: STREAM,
    Bucket: 'my-bucket-name',
    Key: 'log.txt',
  });
  for (;;) {
    const answer = await call(port, 'NagareListLog_20261101.DescribeListLog', { ListLogName: 'bench' });
    if (JSON.stringify(answer).includes('"ACTIVE"')) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** 16 different requests of 500 records. */
export function putRecordsRequests(recordBytes: number): Buffer[] {
  return Array.from({ length: 16 }, () =>
    callBytes('PutRecords', {
      StreamName: STREAM,
      Records: Array.from({ length: 500 }, () => randomRecord(recordBytes)),
    }),
  );
}
