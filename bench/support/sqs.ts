import { randomBytes } from 'node:crypto';
import { httpRequest, readOne, requestHead, runLoad } from './load.ts';
import { processorMs, type Running } from './processes.ts';

export const CONNECTIONS = 16;
export const BATCH = 10;
export const BODY_BYTES = 1024;

export interface Figures {
  /** Messages or records. */
  readonly perSecond: number;
  readonly processorUs: number;
}

const headersOf = (operation: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': `AmazonSQS.${operation}`,
  authorization:
    'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=a',
  'x-amz-date': '20260101T000000Z',
});

/** A request as bytes, for servers that do not check signatures. */
export function sqsBytes(operation: string, body: object): Buffer {
  return httpRequest('/', headersOf(operation), JSON.stringify(body));
}

export async function createQueue(port: number, QueueName: string, Attributes = {}): Promise<string> {
  await using connection = await readOne(port);
  const answer = await connection.send(sqsBytes('CreateQueue', { QueueName, Attributes }));
  return (JSON.parse(answer.toString()) as { QueueUrl: string }).QueueUrl;
}

/** Counts what a server does in a time, and its processor time for each. */
export async function measured(server: Running, work: () => Promise<number>): Promise<Figures> {
  const before = await processorMs(server);
  const begun = performance.now();
  const count = await work();
  const seconds = (performance.now() - begun) / 1000;
  const spentMs = (await processorMs(server)) - before;
  return { perSecond: count / seconds, processorUs: (spentMs * 1000) / count };
}

/** Sends requests with ten records or messages each. */
export async function load(
  server: Running,
  requests: readonly Buffer[],
  durationMs: number,
): Promise<Figures> {
  return await measured(server, async () => {
    const options = { port: server.port, connections: CONNECTIONS, durationMs, requests };
    const { requests: count, failures } = await runLoad(options);
    if (failures > 0) throw new Error(`${failures} requests failed`);
    return count * BATCH;
  });
}

/** Batches of ten messages; with groups those of a FIFO queue, each of which is another message. */
export function sendRequests(QueueUrl: string, count: number, groups = 0): Buffer[] {
  let n = 0;
  const run = randomBytes(4).toString('hex');
  return Array.from({ length: count }, () =>
    sqsBytes('SendMessageBatch', {
      QueueUrl,
      Entries: Array.from({ length: BATCH }, (_, index) => ({
        Id: String(index),
        MessageBody: randomBytes(BODY_BYTES / 2).toString('hex'),
        ...(groups > 0 && {
          MessageGroupId: `g${n % groups}`,
          MessageDeduplicationId: `${run}-${n++}`,
        }),
      })),
    }),
  );
}

const HANDLE = Buffer.from('"ReceiptHandle":"');
const QUOTE = 0x22;

/** The receipt handles of an answer, without a text of the rest: the client shares the cores with the server. */
function handlesIn(answer: Buffer): string[] {
  const handles: string[] = [];
  for (let at = answer.indexOf(HANDLE); at !== -1; at = answer.indexOf(HANDLE, at)) {
    at += HANDLE.length;
    handles.push(answer.toString('latin1', at, answer.indexOf(QUOTE, at)));
  }
  return handles;
}

function deletion(head: string, QueueUrl: string, handles: readonly string[]): Buffer {
  const entries = handles.map((handle, index) => `{"Id":"${index}","ReceiptHandle":"${handle}"}`).join(',');
  const body = `{"QueueUrl":"${QueueUrl}","Entries":[${entries}]}`;
  return Buffer.from(`${head}content-length: ${body.length}\r\n\r\n${body}`, 'latin1');
}

/** Receives and deletes until the time is over or the queue is empty; measures only while it is not. */
export async function drain(server: Running, QueueUrl: string, durationMs: number): Promise<Figures> {
  const receive = sqsBytes('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: BATCH });
  const head = requestHead('/', headersOf('DeleteMessageBatch'));
  const untilMs = performance.now() + durationMs;
  let isEmpty = false;
  return await measured(server, async () => {
    let count = 0;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        await using connection = await readOne(server.port);
        while (!isEmpty && performance.now() < untilMs) {
          const handles = handlesIn(await connection.send(receive));
          isEmpty ||= handles.length === 0;
          if (handles.length === 0) return;
          await connection.send(deletion(head, QueueUrl, handles));
          count += handles.length;
        }
      }),
    );
    return count;
  });
}
