import { KinesisClient } from '@aws-sdk/client-kinesis';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import { consumer, subscribe } from '../rows/latency.ts';
import { callBytes, STREAM } from './kinesis.ts';
import { quantile, readOne } from './load.ts';
import { createQueue, sqsBytes } from './sqs.ts';

export interface Latencies {
  readonly sent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const optionsOf = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
});

/** Something that waits: it calls `arrived` with the ordinal of what has arrived. */
interface Receiver {
  readonly request: (ordinal: number) => Buffer;
  close(): Promise<void>;
}

type Listen = (port: number, arrived: (ordinal: number) => void) => Promise<Receiver>;

/** One after the other: the next is sent when the last one has arrived and the receiver waits again. */
export async function latencies(port: number, durationMs: number, listen: Listen): Promise<Latencies> {
  let onArrival: ((ordinal: number) => void) | undefined;
  const receiver = await listen(port, (ordinal) => onArrival?.(ordinal));
  await using connection = await readOne(port);
  const times: number[] = [];
  await sleep(300);
  const untilMs = performance.now() + durationMs;
  for (let ordinal = 0; performance.now() < untilMs; ordinal++) {
    const arrival = new Promise<void>((resolve) => {
      onArrival = (which) => which === ordinal && resolve();
    });
    const sentMs = performance.now();
    const sent = connection.send(receiver.request(ordinal));
    await arrival;
    times.push(performance.now() - sentMs);
    await sent;
    await sleep(2);
  }
  await receiver.close();
  // The first ones warm both ends up.
  const sorted = times.slice(Math.floor(times.length / 5)).toSorted((a, b) => a - b);
  return { sent: sorted.length, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
}

/** A consumer with long polls of a queue, by the AWS SDK. */
export const waitingConsumer: Listen = async (port, arrived) => {
  const QueueUrl = await createQueue(port, `latency-${performance.now().toFixed(0)}`);
  const sqs = new SQSClient(optionsOf(port));
  const stop = new AbortController();
  const polling = (async () => {
    while (!stop.signal.aborted) {
      const command = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 });
      try {
        const { Messages = [] } = await sqs.send(command, { abortSignal: stop.signal });
        for (const { Body } of Messages) arrived(Number(Body));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    }
  })();
  return {
    request: (ordinal) => sqsBytes('SendMessage', { QueueUrl, MessageBody: String(ordinal) }),
    close: async () => {
      stop.abort();
      await polling;
      sqs.destroy();
    },
  };
};

/** A subscriber to a shard (SubscribeToShard), by the AWS SDK. */
export const pushedSubscriber: Listen = async (port, arrived) => {
  const client = new KinesisClient(optionsOf(port));
  const stop = new AbortController();
  const listening = subscribe(client, await consumer(port), stop.signal, arrived);
  return {
    request: (ordinal) => {
      const Data = Buffer.from(String(ordinal)).toString('base64');
      return callBytes('PutRecord', { StreamName: STREAM, Data, PartitionKey: 'key' });
    },
    close: async () => {
      stop.abort();
      await listening;
      client.destroy();
    },
  };
};
