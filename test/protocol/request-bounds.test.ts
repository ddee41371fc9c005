import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { protocolLimits } from '../../src/protocol/limits.ts';
import { jsonDecoder } from '../../src/protocol/documents/json-values.ts';
import { CborWriter } from '../../src/protocol/documents/cbor-writer.ts';
import { jsonFor, signedFor } from '../support/admission.ts';
import { type Answer, models, postTarget, serveServices, testService } from './support.ts';
import { processorMsOf } from '../support/processor-time.ts';

/** More than any of the bounds. */
const MANY = 2 * protocolLimits.requestValuesMax;
/** Twice as many as the bound. */
const names = Array.from({ length: 2 * protocolLimits.requestNamesMax }, (_, n) => `n${n}`);
const services = (['kinesis', 'lambda', 'monitoring', 'sns', 's3'] as const).map((name) =>
  testService(name, () => () => assert.fail('a bomb reached the operation'), {
    bodyLimitBytes: 20 * 1024 * 1024,
  }),
);

/** PutRecords of 20 MB of empty records took 35 seconds of the only thread, and 3.9 GB, before they were refused. */
describe('a body with too many values is refused before they are created', () => {
  const json = [
    ['a list of empty records', `{"StreamName":"s","Records":[${'{},'.repeat(MANY)}{}]}`],
    ['an unknown member', `{"StreamName":"s","X":[${'[],'.repeat(MANY)}1]}`],
    ['members without number', `{${'"a":1,'.repeat(MANY)}"a":1}`],
    ['deep nesting', `{"X":${'['.repeat(MANY)}${']'.repeat(MANY)}}`],
    ['nesting without an end', '{"a":'.repeat(MANY)],
    ['members with different names', `{${names.map((name) => `"${name}":1`).join(',')}}`],
  ] as const;
  for (const [what, body] of json) {
    it(`JSON: ${what}`, async () => {
      await using server = await serveServices(services);
      const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecords', body);
      assert.equal(answer.status, 400);
      assert.match(answer.body, /"__type":"SerializationException"/);
    });
    it(`REST-JSON: ${what}`, async () => {
      await using server = await serveServices(services);
      const response = await fetch(`${server.url}/2015-03-31/functions`, {
        method: 'POST',
        headers: jsonFor('lambda'),
        body,
      });
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('x-amzn-errortype'), 'SerializationException');
    });
  }

  const cbor = [
    ['a list', Buffer.concat([cborText('Records'), cborHead(0x9a, MANY), Buffer.alloc(MANY, 0xa0)])],
    ['an unknown member', Buffer.concat([cborText('X'), cborHead(0x9a, MANY), Buffer.alloc(MANY, 0x80)])],
    ['a list without a length', Buffer.concat([cborText('X'), Buffer.of(0x9f), Buffer.alloc(MANY, 0xa0)])],
    ['a text in pieces', Buffer.concat([cborText('X'), Buffer.of(0x7f), Buffer.alloc(MANY, 0x60)])],
    ['bytes in pieces', Buffer.concat([cborText('X'), Buffer.of(0x5f), Buffer.alloc(MANY, 0x40)])],
    ['deep nesting', Buffer.concat([cborText('X'), Buffer.alloc(MANY, 0x81)])],
    ['tags', Buffer.concat([cborText('X'), Buffer.alloc(MANY, 0xc1)])],
    [
      'members with different names',
      Buffer.concat([
        cborText('X'),
        cborHead(0xba, names.length),
        ...names.flatMap((name) => [cborText(name), Buffer.of(1)]),
      ]),
    ],
  ] as const;
  for (const [what, item] of cbor) {
    it(`CBOR: ${what}`, async () => {
      await using server = await serveServices(services);
      const body = Buffer.concat([Buffer.of(0xa1), item]);
      const type = { 'content-type': 'application/x-amz-cbor-1.1' };
      const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecords', body, type);
      assert.equal(answer.status, 400);
      assert.match(answer.body, /SerializationException/);
      const rpc = await fetch(`${server.url}/service/GraniteServiceVersion20100801/operation/PutMetricData`, {
        method: 'POST',
        headers: {
          ...signedFor('monitoring'),
          'smithy-protocol': 'rpc-v2-cbor',
          'content-type': 'application/cbor',
        },
        body,
      });
      assert.equal(rpc.status, 400);
      assert.match(await rpc.text(), /SerializationException/);
    });
  }

  for (const [what, parameters] of [
    ['parameters', 'a&'.repeat(MANY)],
    ['members of a list', Array.from({ length: 100_000 }, (_, n) => `Tags.member.${n}.Key=a`).join('&')],
    ['names with many parts', Array.from({ length: 30_000 }, (_, n) => `${n}${'.a'.repeat(30)}=`).join('&')],
  ] as const) {
    it(`a form: ${what}`, async () => {
      await using server = await serveServices(services);
      const response = await fetch(server.url, {
        method: 'POST',
        headers: { ...signedFor('sns'), 'content-type': 'application/x-www-form-urlencoded' },
        body: `Action=CreateTopic&Version=2010-03-31&Name=q&${parameters}`,
      });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /<Code>MalformedInput<\/Code>/);
    });
  }

  for (const [what, content] of [
    ['objects', '<Object><Key>a</Key></Object>'.repeat(100_000)],
    ['unknown elements', '<a/>'.repeat(MANY)],
    ['deep nesting', '<a>'.repeat(MANY)],
  ] as const) {
    it(`XML: ${what}`, async () => {
      await using server = await serveServices(services);
      const body = `<Delete>${content}</Delete>`;
      const response = await fetch(`${server.url}/bucket?delete`, {
        method: 'POST',
        headers: signedFor('s3'),
        body,
      });
      assert.equal(response.status, 400);
      assert.match(await response.text(), /<Code>MalformedXML<\/Code>/);
    });
  }
});

describe('of a list that is too long, only what its message shows is decoded', () => {
  it("and the message is AWS's", async () => {
    await using server = await serveServices(services);
    const records = Array.from({ length: 100_000 }, () => ({ Data: '', PartitionKey: 'k' }));
    const input = { StreamName: 's', Records: records };
    const expected =
      /^1 validation error detected: Value '\[com\.amazonaws\..*\.{3}' at 'records' failed to satisfy constraint: Member must have length less than or equal to 500$/;
    const json = await postTarget(server.url, 'Kinesis_20131202.PutRecords', JSON.stringify(input));
    assert.match(messageOf(json), expected);
    const decoded = jsonDecoder(models.kinesis)('PutRecordsInput')(input) as { Records: unknown[] };
    assert.ok(decoded.Records.length < 5_000, `${decoded.Records.length} records were decoded`);
  });

  it('a short list is shown completely', async () => {
    await using server = await serveServices(services);
    const tags = Array.from({ length: 60 }, (_, n) => `t${n}`);
    const body = JSON.stringify({ StreamName: 's', TagKeys: tags });
    const answer = await postTarget(server.url, 'Kinesis_20131202.RemoveTagsFromStream', body);
    assert.match(
      messageOf(answer),
      /Value '\[t0, t1, .*, t59\]' at 'tagKeys' failed .* less than or equal to 50$/,
    );
  });

  it('large blobs in a list cost almost nothing', async () => {
    await using server = await serveServices(services);
    const Records = Array.from({ length: 501 }, () => ({ Data: 'A'.repeat(32_000), PartitionKey: 'k' }));
    const body = JSON.stringify({ StreamName: 's', Records });
    const tookMs = await processorMsOf(async () => {
      const answer = await postTarget(server.url, 'Kinesis_20131202.PutRecords', body);
      assert.match(messageOf(answer), /less than or equal to 500$/);
    });
    // Rendering all records took longer than a second by itself.
    const parseMs = await processorMsOf(() => JSON.parse(body) as unknown);
    assert.ok(tookMs < Math.max(1000, 20 * parseMs), `it took ${tookMs} ms`);
  });
});

function messageOf(answer: Answer): string {
  const { message } = JSON.parse(answer.body) as { message: string };
  return message;
}

function cborText(text: string): Buffer {
  const writer = new CborWriter();
  writer.text(text);
  return Buffer.from(writer.finish());
}

/** The head of an item whose length takes four bytes. */
function cborHead(initial: number, length: number): Buffer {
  const head = Buffer.alloc(5, initial);
  head.writeUInt32BE(length, 1);
  return head;
}
