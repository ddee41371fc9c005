import { signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Decoder, Encoder, Tag } from 'cbor-x';
import * as fc from 'fast-check';
import { CborTime, decodeCbor } from '../../../src/protocol/documents/cbor.ts';
import { CborWriter } from '../../../src/protocol/documents/cbor-writer.ts';
import { cborDecoder, cborEncoder } from '../../../src/protocol/documents/cbor-values.ts';
import { jsonDecoder, jsonEncoder } from '../../../src/protocol/documents/json-values.ts';
import { SerializationError } from '../../../src/protocol/serialization-error.ts';
import { arbitraryOf } from '../arbitrary.ts';
import { models, postTarget, serveServices, testService } from '../support.ts';

const oracle = new Encoder({ useRecords: false, tagUint8Array: false, mapsAsObjects: true });
const oracleDecoder = new Decoder({ useRecords: false, mapsAsObjects: true, tagUint8Array: false });

describe('CBOR', () => {
  // RFC 8949, appendix A.
  for (const [hex, value] of [
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['20', -1],
    ['3903e7', -1000],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['f90000', 0],
    ['f93e00', 1.5],
    ['f97bff', 65504],
    ['f90001', 5.960464477539063e-8],
    ['f9c400', -4],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f97c00', Infinity],
    ['f9fc00', -Infinity],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', null],
    ['c11a514b67b0', new CborTime(1363896240)],
    ['c1fb41d452d9ec200000', new CborTime(1363896240.5)],
    ['d74401020304', Buffer.from([1, 2, 3, 4])],
    ['40', Buffer.alloc(0)],
    ['60', ''],
    ['62c3bc', 'ü'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['5f42010243030405ff', Buffer.from([1, 2, 3, 4, 5])],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
  ] as const) {
    it(`reads ${hex}`, () => assert.deepEqual(decodeCbor(Buffer.from(hex, 'hex')), value));
  }

  for (const hex of [
    '',
    '18',
    '1c',
    '5affffffff',
    '9bffffffffffffffff',
    'bbffffffffffffffff',
    '62c3',
    'ff',
    '81ff',
    'a161',
    'a1ff01',
    'a10101',
    'bf6161ff',
    '5f6161ff',
    'c16161',
    '0000',
    'f8',
    `${'81'.repeat(100)}00`,
    '9f'.repeat(100_000),
  ]) {
    it(`refuses ${hex.slice(0, 20)}`, () =>
      assert.throws(() => decodeCbor(Buffer.from(hex, 'hex')), SerializationError));
  }

  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }),
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.array(tie('value')),
      fc.dictionary(fc.string(), tie('value')).map((map) => ({ ...map })),
    ),
  })).value;

  it("reads another encoder's output", () => {
    fc.assert(
      fc.property(value, (written) => {
        const read = decodeCbor(Buffer.from(oracle.encode(written)));
        assert.deepEqual(JSON.stringify(read), JSON.stringify(written));
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('distinguishes similar names, repeatedly', () => {
    const names = ['Data', 'Meta', 'Dota', 'Data\u0080', 'dAta', 'Dätta', 'Records', 'Recards'];
    const value = Object.fromEntries(names.map((name, n) => [name, n]));
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(decodeCbor(oracle.encode(value)), value);
      for (const name of names) assert.equal(decodeCbor(oracle.encode(name)), name);
    }
  });

  it('writes texts of any length, ASCII or not, and numbers of any size', () => {
    for (let length = 0; length < 200; length++) {
      const plain = 'a'.repeat(length);
      for (const text of [plain, `${plain}ü`, `ü${plain}`, `${plain}\u{1f600}${plain}`]) {
        const writer = new CborWriter();
        writer.array(2);
        writer.text(text);
        writer.text('after');
        assert.deepEqual(oracleDecoder.decode(writer.finish()), [text, 'after']);
      }
    }
    for (const number of [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 1_790_000_000_123, Number.MAX_SAFE_INTEGER]) {
      const writer = new CborWriter();
      writer.integer(number);
      assert.equal(decodeCbor(writer.finish()), number);
    }
  });

  it('either reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeCbor(Buffer.from(bytes));
        } catch (error) {
          assert.ok(error instanceof SerializationError, String(error));
        }
      }),
      { seed: 5, numRuns: 5000 },
    );
  });
});

async function call(url: string, operation: string, body: unknown) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...signedFor('kinesis'),
      'content-type': 'application/x-amz-cbor-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
    },
    body: Buffer.from(body instanceof Uint8Array ? body : oracle.encode(body)),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes };
}

describe('CBOR and JSON', () => {
  it('are equivalent for the input and output of every operation', () => {
    for (const model of [models.kinesis, models.monitoring]) {
      for (const { input, output } of Object.values(model.operations)) {
        for (const shape of [input?.shape, output?.shape]) {
          if (shape === undefined || model.shapes[shape]?.members?.['EventStream'] !== undefined) continue;
          const toJson = jsonEncoder(model)(shape);
          const fromJson = jsonDecoder(model)(shape);
          fc.assert(
            fc.property(
              arbitraryOf(model, shape),
              fc.constantFrom('milliseconds', 'seconds'),
              (sent, unit) => {
                const writer = new CborWriter();
                cborEncoder(model, unit)(shape)(sent, writer);
                const viaCbor = cborDecoder(model, unit)(shape)(decodeCbor(writer.finish()));
                const viaJson = fromJson(JSON.parse(JSON.stringify(toJson(sent))));
                assert.deepEqual(viaCbor, viaJson);
              },
            ),
            { seed: 6, numRuns: 5 },
          );
        }
      }
    }
  });

  it('writes what another decoder reads', () => {
    const model = models.kinesis;
    fc.assert(
      fc.property(arbitraryOf(model, 'GetRecordsOutput'), (sent) => {
        const writer = new CborWriter();
        cborEncoder(model, 'seconds')('GetRecordsOutput')(sent, writer);
        const read = oracleDecoder.decode(writer.finish()) as { Records: { Data: Uint8Array }[] };
        const { Records } = sent as { Records: { Data: Uint8Array }[] };
        assert.deepEqual(
          read.Records.map(({ Data }) => Buffer.from(Data)),
          Records.map(({ Data }) => Buffer.from(Data)),
        );
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  const kinesis = testService('kinesis', {
    PutRecord: ({ Data }) => ({ ShardId: 's', SequenceNumber: (Data as Buffer).toString() }),
    DescribeStreamConsumer: () => ({
      ConsumerDescription: { ConsumerName: 'c', ConsumerCreationTimestamp: new Date(1_573_000_000_123) },
    }),
    GetShardIterator: ({ Timestamp }) => ({ ShardIterator: (Timestamp as Date).toISOString() }),
  });

  it("respond in the request's format", async () => {
    await using server = await serveServices([kinesis]);
    const put = await call(server.url, 'PutRecord', {
      StreamName: 's',
      PartitionKey: 'k',
      Data: Buffer.from('hi'),
    });
    assert.deepEqual([put.status, put.type], [200, 'application/x-amz-cbor-1.1']);
    assert.deepEqual(
      { ...(oracleDecoder.decode(put.bytes) as object) },
      { ShardId: 's', SequenceNumber: 'hi' },
    );
    const json = await postTarget(
      server.url,
      'Kinesis_20131202.PutRecord',
      '{"StreamName":"s","PartitionKey":"k","Data":"aGk="}',
    );
    assert.equal(json.body, '{"ShardId":"s","SequenceNumber":"hi"}');
  });

  it('has times like the SDKs for Java: milliseconds in tag 1', async () => {
    await using server = await serveServices([kinesis]);
    const described = await call(server.url, 'DescribeStreamConsumer', { ConsumerName: 'c' });
    const time = decodeCbor(described.bytes) as {
      ConsumerDescription: { ConsumerCreationTimestamp: CborTime };
    };
    assert.equal(time.ConsumerDescription.ConsumerCreationTimestamp.epoch, 1_573_000_000_123);
    const iterator = await call(server.url, 'GetShardIterator', {
      StreamName: 's',
      ShardId: 'x',
      ShardIteratorType: 'AT_TIMESTAMP',
      Timestamp: new Tag(1_573_000_000_123n, 1),
    });
    assert.deepEqual(decodeCbor(iterator.bytes), { ShardIterator: '2019-11-06T00:26:40.123Z' });
  });

  it("return errors in the request's format", async () => {
    await using server = await serveServices([kinesis]);
    const invalid = await call(server.url, 'PutRecord', { StreamName: '', Data: Buffer.from('') });
    assert.equal(invalid.status, 400);
    assert.match(
      JSON.stringify(decodeCbor(invalid.bytes)),
      /^\{"__type":"ValidationException","message":"2 validation/,
    );
    const malformed = await call(server.url, 'PutRecord', Buffer.from('ffff', 'hex'));
    assert.deepEqual(decodeCbor(malformed.bytes), { __type: 'SerializationException' });
    const wrong = await call(server.url, 'PutRecord', { StreamName: 's', Data: 'text' });
    assert.deepEqual(decodeCbor(wrong.bytes), {
      __type: 'SerializationException',
      Message: 'STRING_VALUE can not be converted to a Blob',
    });
    const unknown = await call(server.url, 'Foo', {});
    assert.deepEqual(decodeCbor(unknown.bytes), { __type: 'UnknownOperationException' });
  });
});
