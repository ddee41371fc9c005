import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { encode as encodeCbor } from 'cbor-x';
import * as fc from 'fast-check';
import { decodePayload } from '../../src/decode/decode.ts';
import { encodeAvro } from '../../src/delivery/iceberg/avro.ts';
import { aggregate } from '../consumers/aggregate.ts';

const BIG = '49590338271490256608559692538361571095921575989136588898';

/** What is shown of a payload with one part. */
function shown(data: Uint8Array): { format: string; text: string; steps: string[] } {
  const { steps, parts } = decodePayload(data);
  const [part] = parts;
  assert.ok(part);
  return {
    format: part.format,
    text: part.text,
    steps: [...steps, ...part.steps].map(({ name }) => name),
  };
}

describe('decoding of payloads', () => {
  test('JSON keeps the digits that a double would round', () => {
    const text = `{"sequence":${BIG},"id":18446744073709551617,"price":1.10}`;
    assert.deepEqual(shown(Buffer.from(text)), { format: 'json', text, steps: [] });
    const [part] = decodePayload(Buffer.from(text)).parts;
    assert.equal(JSON.stringify(part?.value), text);
  });

  test('compressions are removed, also within each other', () => {
    const json = Buffer.from('{"a":1}');
    for (const [name, pack] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
      ['zlib', deflateSync],
    ] as const) {
      assert.deepEqual(shown(pack(json)), { format: 'json', text: '{"a":1}', steps: [name] });
    }
    assert.deepEqual(shown(gzipSync(zstdCompressSync(json))).steps, ['gzip', 'zstd']);
  });

  test('an aggregated record of KPL shows its records, also compressed in both ways', () => {
    const record = aggregate([
      { partitionKey: 'a', data: Buffer.from('{"n":1}') },
      { partitionKey: 'b', data: gzipSync('{"n":2}') },
    ]);
    const { steps, parts, partCount } = decodePayload(gzipSync(record));
    assert.deepEqual(
      steps.map(({ name, says }) => (name === 'KPL' ? says : name)),
      ['gzip', 'an aggregated record of 2'],
    );
    assert.equal(partCount, 2);
    assert.deepEqual(
      parts.map(({ partitionKey, text, steps: own }) => [partitionKey, text, own.map(({ name }) => name)]),
      [
        ['a', '{"n":1}', []],
        ['b', '{"n":2}', ['gzip']],
      ],
    );
  });

  test('events of CloudWatch Logs are named', () => {
    const payload = { messageType: 'DATA_MESSAGE', logGroup: '/aws/x', logEvents: [{ message: 'm' }] };
    const [part] = decodePayload(gzipSync(JSON.stringify(payload))).parts;
    assert.deepEqual(part?.steps, [{ name: 'CloudWatch Logs', says: '1 events of /aws/x' }]);
  });

  test('MessagePack keeps integers of 64 bits', () => {
    // {"id": 2^64-1, "list": [-1, true, null, 1.5], "time": 1970-01-01T00:00:01Z}
    const bytes = Buffer.from(
      '83a26964cfffffffffffffffffa46c69737494ffc3c0cb3ff8000000000000a474696d65d6ff00000001',
      'hex',
    );
    assert.deepEqual(shown(bytes), {
      format: 'messagepack',
      text: '{"id":18446744073709551615,"list":[-1,true,null,1.5],"time":"1970-01-01T00:00:01.000Z"}',
      steps: [],
    });
  });

  test('CBOR keeps integers of 64 bits and big numbers', () => {
    // {"n": 2^64-1, "big": 2(h'010000000000000000'), "half": 1.5, "parts": (_ "ab", "c")}
    const bytes = Buffer.from(
      'a4616e1bffffffffffffffff63626967c249010000000000000000' +
        '6468616c66f93e00657061727473' +
        '7f6261626163ff',
      'hex',
    );
    assert.equal(
      shown(bytes).text,
      '{"n":18446744073709551615,"big":18446744073709551616,"half":1.5,"parts":"abc"}',
    );
    assert.equal(shown(encodeCbor({ a: [1, 'x', { b: false }] })).text, '{"a":[1,"x",{"b":false}]}');
  });

  test('Protocol Buffers show their fields by number', () => {
    const writer = new BinaryWriter();
    writer.tag(1, WireType.Varint).uint64('9223372036854775807');
    writer.tag(2, WireType.LengthDelimited).string('text');
    writer.tag(3, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int32(-5).join();
    writer.tag(4, WireType.Bit64).double(1.5);
    assert.deepEqual(shown(writer.finish()), {
      format: 'protobuf',
      text: '{"1":9223372036854775807,"2":"text","3":{"1":-5},"4":1.5}',
      steps: [],
    });
  });

  test('an Avro file is read by the schema inside of it', async () => {
    const schema = {
      type: 'record',
      name: 'order',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'who', type: 'string' },
      ],
    };
    const file = await encodeAvro(schema, {}, [{ id: 9_007_199_254_740_993n, who: 'x' }]);
    assert.deepEqual(shown(file), {
      format: 'avro',
      text: '{"id":9007199254740993,"who":"x"}',
      steps: [],
    });
  });

  test('texts are texts, and anything else is hex', () => {
    assert.deepEqual(shown(Buffer.from('user=1 naïve')), { format: 'text', text: 'user=1 naïve', steps: [] });
    const hex = shown(Buffer.from([0xff, 0xfe, 0x00, 0x41]));
    assert.equal(hex.format, 'hex');
    assert.match(hex.text, /^00000000 {2}ff fe 00 41 +\.\.\.A$/);
    assert.equal(shown(Buffer.alloc(0)).format, 'empty');
  });

  test('each decoder that does not read it says why', () => {
    const [part] = decodePayload(Buffer.from('plain text')).parts;
    assert.deepEqual(part?.refused, [
      { decoder: 'KPL', why: 'it does not begin with F3 89 9A C2' },
      { decoder: 'avro', why: 'it does not begin with "Obj" and 1' },
      { decoder: 'json', why: 'it begins with "p"' },
    ]);
  });

  test('what a compression claims to be too large is not decompressed', () => {
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024));
    const [part] = decodePayload(bomb).parts;
    assert.equal(part?.format, 'hex');
    assert.match(part?.refused[0]?.why ?? '', /more than 16777216 bytes/);
  });

  test('no bytes make it throw', () => {
    const beginnings = [
      '',
      '1f8b',
      '28b52ffd',
      '789c',
      'f3899ac2',
      '4f626a01',
      'de',
      'bf',
      '9f',
      'db',
      '7b',
      'c3',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        const { parts } = decodePayload(Buffer.concat([Buffer.from(start, 'hex'), rest]));
        for (const { text } of parts) assert.equal(typeof text, 'string');
      }),
      { seed: 7, numRuns: 500 },
    );
    assert.equal(shown(Buffer.from('['.repeat(100_000))).format, 'text');
    assert.equal(shown(Buffer.alloc(10_000, 0x91)).format, 'hex');
  });
});
