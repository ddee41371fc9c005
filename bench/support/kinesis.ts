import { randomBytes } from 'node:crypto';
import { type Credentials, signed } from '../../src/auth/sign.ts';
import { httpRequest, readOne } from './load.ts';

/** The calls that benchmarks make, without an SDK. */
const targetHeaders = (operation: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': operation.includes('.') ? operation : `Kinesis_20131202.${operation}`,
});

/** The headers of a call. */
type HeadersOf = (operation: string, body: string) => Record<string, string>;

/** For servers that do not check signatures. */
const headersOf: HeadersOf = (operation) => ({
  ...targetHeaders(operation),
  // kinesalite looks whether it is there.
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=a',
  'x-amz-date': '20260101T000000Z',
});

/** With a signature that holds, for five minutes. */
export function signedBy(key: Credentials): HeadersOf {
  const url = new URL('http://127.0.0.1/');
  return (operation, body) => {
    const request = { method: 'POST', url, headers: targetHeaders(operation), body };
    return signed(request, key, { region: 'us-east-1', service: 'kinesis' }, new Date());
  };
}

/** A request as bytes, for the load generator. */
export function callBytes(operation: string, body: object, headers = headersOf): Buffer {
  const text = JSON.stringify(body);
  return httpRequest('/', headers(operation, text), text);
}

/** Calls an operation of Kinesis, or `<target prefix>.<operation>`, and gives its answer. */
export async function call(port: number, operation: string, body: object): Promise<unknown> {
  const content = JSON.stringify(body);
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    method: 'POST',
    headers: headersOf(operation, content),
    body: content,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text === '' ? {} : JSON.parse(text);
}

export function randomRecord(bytes: number): { Data: string; PartitionKey: string } {
  return { Data: randomBytes(bytes).toString('base64'), PartitionKey: randomBytes(8).toString('hex') };
}

export const STREAM = 'bench';

export async function createStream(port: number, ShardCount: number, headers = headersOf): Promise<void> {
  await using connection = await readOne(port);
  await connection.send(callBytes('CreateStream', { StreamName: STREAM, ShardCount }, headers));
  for (;;) {
    const answer = await connection.send(callBytes('DescribeStreamSummary', { StreamName: STREAM }, headers));
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
