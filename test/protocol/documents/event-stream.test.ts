import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { describe, it } from 'node:test';
import { KinesisClient, SubscribeToShardCommand, type SubscribeToShardEvent } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Encoder } from 'cbor-x';
import { ServiceError } from '../../../src/errors.ts';
import { decodeCbor } from '../../../src/protocol/documents/cbor.ts';
import { eventStreamMessage } from '../../../src/protocol/documents/event-stream.ts';
import { EncodedOutput } from '../../../src/protocol/service.ts';
import { clientOptions, serveServices, testService } from '../support.ts';

const INPUT = {
  ConsumerARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1',
  ShardId: 'shardId-000000000000',
  StartingPosition: { Type: 'LATEST' },
} as const;

function event(number: number): { SubscribeToShardEvent: SubscribeToShardEvent } {
  return {
    SubscribeToShardEvent: {
      Records: [
        {
          SequenceNumber: String(number),
          Data: Buffer.from(`data ${number}`),
          PartitionKey: 'k',
          ApproximateArrivalTimestamp: new Date(1.5e12 + 123),
        },
      ],
      ContinuationSequenceNumber: String(number),
      MillisBehindLatest: 0,
    },
  };
}

function subscribing(events: () => AsyncIterable<object>) {
  return testService('kinesis', { SubscribeToShard: () => ({ EventStream: events() }) });
}

async function* threeEvents() {
  for (const number of [1, 2, 3]) yield event(number);
}

async function* failing() {
  yield event(1);
  throw new ServiceError('ResourceInUseException', 'another subscription took its place');
}

async function* encoded() {
  const { SubscribeToShardEvent } = event(7);
  const json = JSON.stringify({ Records: [], ContinuationSequenceNumber: '7', MillisBehindLatest: 0 });
  yield {
    SubscribeToShardEvent: new EncodedOutput(
      () => json,
      () => SubscribeToShardEvent,
    ),
  };
}

describe('a message', () => {
  it('is framed as specified', () => {
    // The example of an empty message with one header in the AWS SDKs' own test vectors.
    const message = eventStreamMessage({ 'content-type': 'application/json' }, Buffer.from("{'foo':'bar'}"));
    assert.equal(
      message.toString('hex'),
      '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
    );
  });
});

describe('SubscribeToShard', () => {
  for (const version of ['HTTP/2', 'HTTP/1.1']) {
    it(`delivers events to the SDK as they occur, over ${version}`, async (t) => {
      await using server = await serveServices([subscribing(threeEvents)]);
      const client = new KinesisClient({
        ...clientOptions(server.url),
        ...(version === 'HTTP/1.1' && { requestHandler: new NodeHttpHandler() }),
      });
      t.after(() => client.destroy());
      const { EventStream } = await client.send(new SubscribeToShardCommand(INPUT));
      assert.ok(EventStream);
      const got: unknown[] = [];
      for await (const { SubscribeToShardEvent } of EventStream) {
        assert.ok(SubscribeToShardEvent);
        const [record] = SubscribeToShardEvent.Records ?? [];
        got.push([
          SubscribeToShardEvent.ContinuationSequenceNumber,
          Buffer.from(record?.Data ?? []).toString(),
          record?.ApproximateArrivalTimestamp?.getTime(),
        ]);
      }
      assert.deepEqual(got, [
        ['1', 'data 1', 1.5e12 + 123],
        ['2', 'data 2', 1.5e12 + 123],
        ['3', 'data 3', 1.5e12 + 123],
      ]);
    });
  }

  it('ends with the error that the stream threw', async (t) => {
    await using server = await serveServices([subscribing(failing)]);
    const client = new KinesisClient(clientOptions(server.url));
    t.after(() => client.destroy());
    const { EventStream } = await client.send(new SubscribeToShardCommand(INPUT));
    assert.ok(EventStream);
    const seen: string[] = [];
    await assert.rejects(
      async () => {
        for await (const { SubscribeToShardEvent } of EventStream) {
          seen.push(SubscribeToShardEvent?.ContinuationSequenceNumber ?? '');
        }
      },
      { name: 'ResourceInUseException', message: 'another subscription took its place' },
    );
    assert.deepEqual(seen, ['1']);
  });

  it('accepts an encoded event', async (t) => {
    await using server = await serveServices([subscribing(encoded)]);
    const client = new KinesisClient(clientOptions(server.url));
    t.after(() => client.destroy());
    const { EventStream } = await client.send(new SubscribeToShardCommand(INPUT));
    assert.ok(EventStream);
    for await (const { SubscribeToShardEvent } of EventStream) {
      assert.equal(SubscribeToShardEvent?.ContinuationSequenceNumber, '7');
      assert.equal(SubscribeToShardEvent?.Records?.length, 0);
    }
  });

  it('uses CBOR documents for CBOR requests', async () => {
    await using server = await serveServices([subscribing(threeEvents)]);
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-cbor-1.1',
        'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
      },
      body: Buffer.from(new Encoder({ useRecords: false, tagUint8Array: false }).encode(INPUT)),
    });
    assert.equal(response.headers.get('content-type'), 'application/vnd.amazon.eventstream');
    const bytes = Buffer.from(await response.arrayBuffer());
    const payloads: unknown[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
      const headers = bytes.readUInt32BE(at + 4);
      payloads.push(decodeCbor(bytes.subarray(at + 12 + headers, at + bytes.readUInt32BE(at) - 4)));
    }
    const [initial, first] = payloads as [
      object,
      { ContinuationSequenceNumber: string; Records: { Data: Buffer }[] },
    ];
    assert.deepEqual({ ...initial }, {});
    assert.equal(first.ContinuationSequenceNumber, '1');
    assert.equal(Buffer.from(first.Records[0]?.Data ?? []).toString(), 'data 1');
    assert.equal(payloads.length, 4);
  });

  it('notifies the stream when its subscriber leaves while it is idle', async () => {
    const { promise: returned, resolve } = Promise.withResolvers<void>();
    const silent: AsyncIterable<object> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        async return() {
          resolve();
          return { done: true, value: undefined };
        },
      }),
    };
    await using server = await serveServices([subscribing(() => silent)]);
    const session = connect(server.url);
    const stream = session.request({
      ':method': 'POST',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
    });
    stream.end(JSON.stringify(INPUT));
    await once(stream, 'data');
    stream.close();
    await returned;
    session.close();
  });

  it('returns an ordinary error before the stream begins', async () => {
    await using server = await serveServices([subscribing(threeEvents)]);
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
      },
      body: '{}',
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /ValidationException/);
  });
});
