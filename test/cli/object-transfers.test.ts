import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { runCommand, type CommandOptions } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const MIB = 1024 ** 2;

let server: TestServer;
let s3: S3Client;

before(async () => {
  server = await startTestServer();
  s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
});

after(async () => {
  s3.destroy();
  await server.close();
});

function object(verb: string, args: readonly string[], options: CommandOptions = {}, to = server.endpoint) {
  return runCommand(['object', verb, ...args, '--endpoint-url', to], {}, options);
}

/** In pieces that are no parts. */
async function* inPieces(content: Buffer, end: () => unknown = () => undefined): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += 700_001) yield content.subarray(at, at + 700_001);
  await end();
}

async function uploads(): Promise<unknown[]> {
  return (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'lake' }))).Uploads ?? [];
}

test('what is larger than a part is sent in several, with a checksum of the whole', async () => {
  const content = randomBytes(16 * MIB + 3);
  const args = ['lake/large', '--part-size', '5', '--json'];
  const put = await object('put', args, { input: inPieces(content) });
  assert.equal(put.code, 0, put.errors);
  const { Bytes, ETag, ChecksumCRC32 } = JSON.parse(put.output) as Record<string, unknown>;
  assert.equal(Bytes, content.length);
  assert.match(String(ETag), /-4"$/);
  const head = await s3.send(
    new HeadObjectCommand({ Bucket: 'lake', Key: 'large', ChecksumMode: 'ENABLED' }),
  );
  assert.deepEqual([head.ChecksumCRC32, head.ChecksumType], [ChecksumCRC32, 'FULL_OBJECT']);
  const folder = await temporaryFolder();
  await object('get', ['lake/large', join(folder, 'copy')]);
  assert.ok(content.equals(await readFile(join(folder, 'copy'))));
  // A file of exactly one part is one request.
  await writeFile(join(folder, 'part'), content.subarray(0, 5 * MIB));
  const one = await object('put', ['lake/one', join(folder, 'part'), '--part-size', '5', '--json']);
  assert.match(one.output, /"ETag": "\\"[0-9a-f]{32}\\""/, one.errors);
});

test('an upload that is interrupted, or whose input fails, leaves no parts and no object', async () => {
  const content = randomBytes(11 * MIB);
  const interruption = new AbortController();
  // The input goes on saying nothing.
  const silent = inPieces(content, () => {
    interruption.abort('SIGINT');
    return new Promise(() => undefined);
  });
  const args = ['lake/interrupted', '--part-size', '5'];
  const { code } = await object('put', args, { input: silent, signal: interruption.signal });
  assert.equal(code, 130);
  assert.deepEqual(await uploads(), []);
  const failing = inPieces(content, () => Promise.reject(new Error('the input fails')));
  await assert.rejects(object('put', args, { input: failing }), /the input fails/);
  assert.deepEqual(await uploads(), []);
  assert.equal((await object('info', ['lake/interrupted'])).code, 4);
});

/** Between a client and the server; `spoil` gets the answers that it passes on. */
async function proxy(
  t: TestContext,
  spoil: (from: IncomingMessage, answer: IncomingMessage, to: ServerResponse) => boolean,
): Promise<{ readonly endpoint: string; readonly requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const between = createServer((from, to) => {
    requests.push(from);
    const { method = '', url = '', headers } = from;
    const onward = request(new URL(url, server.endpoint), { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 0, answer.headers);
      if (!spoil(from, answer, to)) answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  t.after(() => {
    between.closeAllConnections();
    between.close();
  });
  return { endpoint: `http://127.0.0.1:${(between.address() as AddressInfo).port}`, requests };
}

function rangesOf(requests: readonly IncomingMessage[]): (string | undefined)[] {
  return requests.filter(({ method }) => method === 'GET').map(({ headers }) => headers.range);
}

test('a part whose answer is lost is sent again', async (t) => {
  let lost = 0;
  const { endpoint } = await proxy(t, (from, _answer, to) => {
    // More often than the SDK tries.
    if (!(from.url ?? '').includes('partNumber=2&') || lost++ >= 3) return false;
    to.destroy();
    return true;
  });
  const content = randomBytes(11 * MIB);
  const args = ['lake/again', '--part-size', '5'];
  const put = await object('put', args, { input: inPieces(content) }, endpoint);
  assert.equal(put.code, 0, put.errors);
  assert.equal(lost, 4);
});

test('a download goes on where the connection broke', async (t) => {
  const content = randomBytes(3 * MIB);
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'broken', Body: content }));
  let left = 1;
  const { endpoint, requests } = await proxy(t, (from, answer, to) => {
    if (from.method !== 'GET' || left-- === 0) return false;
    answer.once('data', (chunk: Buffer) => to.write(chunk, () => to.destroy()));
    return true;
  });
  const file = join(await temporaryFolder(), 'copy');
  const { code, errors } = await object('get', ['lake/broken', file], {}, endpoint);
  assert.equal(code, 0, errors);
  assert.ok(content.equals(await readFile(file)));
  const [first, second = ''] = rangesOf(requests);
  assert.equal(first, `bytes=0-${content.length - 1}`);
  assert.match(second, /^bytes=[1-9]\d*-/);
});

test('a large download that is interrupted is continued by the same command, unless the object has changed', async (t) => {
  const content = randomBytes(17 * MIB);
  await s3.send(
    new PutObjectCommand({ Bucket: 'lake', Key: 'long', Body: content, ChecksumAlgorithm: 'CRC32' }),
  );
  let interruption = new AbortController();
  const { endpoint, requests } = await proxy(t, (from, answer, to) => {
    if (from.method !== 'GET' || interruption.signal.aborted) return false;
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      to.write(chunk);
      bytes += chunk.length;
      if (bytes >= 2 * MIB) answer.pause();
    });
    return true;
  });
  const folder = await temporaryFolder();
  const file = join(folder, 'copy');
  const interrupted = async () => {
    const get = object('get', ['lake/long', file], { signal: interruption.signal }, endpoint);
    await until(async () => {
      const part = (await readdir(folder)).find((name) => name.endsWith('.part'));
      return part !== undefined && (await stat(join(folder, part))).size > 0;
    });
    interruption.abort('SIGINT');
    return await get;
  };
  const { code, errors } = await interrupted();
  assert.equal(code, 130);
  const [part = ''] = await readdir(folder);
  assert.match(part, /^copy\.[0-9a-f]{32}\.part$/);
  assert.match(errors, /[KM]iB are in .*\.part; the same command goes on from there\n$/);
  const { size } = await stat(join(folder, part));
  assert.ok(size > 0);
  const again = await object('get', ['lake/long', file], {}, endpoint);
  assert.equal(again.code, 0, again.errors);
  assert.equal(rangesOf(requests).at(-1), `bytes=${size}-${content.length - 1}`);
  assert.ok(content.equals(await readFile(file)));
  assert.deepEqual(await readdir(folder), ['copy']);
  // What is kept is found to be wrong by the checksum, and is not kept any more.
  await writeFile(join(folder, part), Buffer.alloc(size));
  const wrong = await object('get', ['lake/long', file], {}, endpoint);
  assert.equal(wrong.code, 1);
  assert.match(wrong.errors, /what arrived is not s3:\/\/lake\/long\n {2}why: its CRC32 is /);
  assert.deepEqual(await readdir(folder), ['copy']);
  // Another content is written from its beginning.
  interruption = new AbortController();
  await interrupted();
  const other = randomBytes(17 * MIB);
  await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'long', Body: other }));
  assert.equal((await object('get', ['lake/long', file], {}, endpoint)).code, 0);
  assert.ok(other.equals(await readFile(file)));
});
