import { signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decoder, Encoder, Tag } from 'cbor-x';
import * as fc from 'fast-check';
import api from '../../../src/services/kinesis/api.json' with { type: 'json' };
import type { ServiceModel, Shape } from '../../../src/protocol/model.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { type AnyCall, anyCall, textsFor } from './support/any-call.ts';
import { type KinesisTest, startKinesis } from './support/server.ts';
import { callRaw, createStream, iteratorFor, put } from './support/streams.ts';

const START = 1_790_000_000_000;
const model: ServiceModel = api;
const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
// int64AsNumber is known to the decoder, not to its types.
const decoding: object = { useRecords: false, mapsAsObjects: true, int64AsNumber: true };
const decoder = new Decoder(decoding);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Convert = (shape: Shape, value: unknown) => unknown;

/** Walks a value along its shape; what is not of the shape's form stays as it is. */
function along(shapeName: string | undefined, value: unknown, convert: Convert): unknown {
  const shape: Shape = model.shapes[shapeName ?? ''] ?? { type: 'string' };
  if (Array.isArray(value)) {
    return shape.type === 'list' ? value.map((item) => along(shape.member?.shape, item, convert)) : value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) {
    return convert(shape, value);
  }
  const inner = Object.entries(value).map(([key, item]) => {
    const next = shape.type === 'map' ? shape.value?.shape : shape.members?.[key]?.shape;
    return [key, next === undefined ? item : along(next, item, convert)];
  });
  return Object.fromEntries(inner);
}

const BASE64 = /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/;

/** What JSON has as text and number is bytes and a tagged number of milliseconds in CBOR. */
const toCbor: Convert = (shape, value) => {
  if (shape.type === 'blob' && typeof value === 'string' && BASE64.test(value))
    return Buffer.from(value, 'base64');
  if (shape.type === 'timestamp' && typeof value === 'number') return new Tag(Math.round(value * 1000), 1);
  return value;
};

const fromCbor: Convert = (shape, value) => {
  if (shape.type === 'blob' && value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  // The tag's number is milliseconds; to the decoder it is seconds.
  if (shape.type === 'timestamp' && value instanceof Date) return value.getTime() / 1000 / 1000;
  return value;
};

async function callCbor(endpoint: string, { name, input }: AnyCall): Promise<Answer> {
  const operation = model.operations[name];
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('kinesis'),
      'Content-Type': 'application/x-amz-cbor-1.1',
      'X-Amz-Target': `Kinesis_20131202.${name}`,
    },
    body: new Uint8Array(encoder.encode(along(operation?.input?.shape, input, toCbor))),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const body: unknown = bytes.length === 0 ? {} : decoder.decode(bytes);
  return { status: response.status, body: along(operation?.output?.shape, body, fromCbor) };
}

/** Tokens are encrypted again each time; ids are random. */
function comparable({ status, body }: Answer): unknown {
  const told = JSON.stringify(body, (key, value: unknown) =>
    /^(NextToken|ShardIterator|NextShardIterator|StreamId|CreateChannel)$/.test(key) ? 'opaque' : value,
  );
  const parsed = JSON.parse(told) as { __type?: string }; // as it was just made
  // Where a value is of a wrong type, the two name the type in their own terms.
  if (parsed.__type === 'SerializationException') return { status, type: parsed.__type };
  return { status, body: parsed };
}

async function world(): Promise<{ kinesis: KinesisTest; iterator: string; number: string }> {
  const kinesis = await startKinesis({ clock: new ManualClock(START) });
  await createStream(kinesis.client, 'orders', 2);
  const { SequenceNumber = '' } = await put(kinesis.client, 'orders', 'x');
  return { kinesis, iterator: await iteratorFor(kinesis.client, 'orders'), number: SequenceNumber };
}

/** An iterator is good for the server that gave it. */
function withIterator(input: unknown, from: string, to: string): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      key === 'ShardIterator' && value === from ? to : value,
    ]),
  );
}

test('any series of calls has equivalent responses in JSON and in CBOR', async () => {
  const json = await world();
  const cbor = await world();
  await using _one = json.kinesis;
  await using _other = cbor.kinesis;
  assert.equal(json.number, cbor.number);
  const answers = { ok: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(anyCall(textsFor(json.iterator, json.number)), async (call) => {
      const ofOther = withIterator(call.input, json.iterator, cbor.iterator);
      const one = await callRaw(json.kinesis.endpoint, call.name, call.input);
      const other = await callCbor(cbor.kinesis.endpoint, { name: call.name, input: ofOther });
      answers[one.status === 200 ? 'ok' : 'refused']++;
      assert.deepEqual(comparable(other), comparable(one), JSON.stringify(call));
    }),
    { numRuns: 600, seed: 20_260_303, endOnFailure: true },
  );
  assert(answers.ok > 150 && answers.refused > 150, JSON.stringify(answers));
});
