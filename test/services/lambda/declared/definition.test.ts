import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { DeleteFunctionCommand, GetFunctionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { DeclarationError } from '../../../../src/errors.ts';
import type { FunctionDeclaration } from '../../../../src/services/lambda/functions.ts';
import { createFunction, invoke, sharedLambda, startLambda, zip } from '../lambda-server.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function files(contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

describe('a function declared by a file', () => {
  const shared = sharedLambda();

  test('can be JavaScript or TypeScript, of either module format', async () => {
    const folder = await files({
      'a.js': 'exports.handler = async () => "a";',
      'b.mjs':
        'import { readFileSync } from "node:fs"; export const handler = async () => typeof readFileSync;',
      'c.cjs': 'module.exports.handler = async () => __filename.endsWith("c.cjs");',
      'd.ts': 'export const handler = async (event: { readonly n: number }): Promise<number> => event.n;',
      'e.mts': 'const name: string = await Promise.resolve("e"); export const handler = async () => name;',
      'f.cts': 'import fs = require("node:fs"); export = { handler: async () => typeof fs.readFileSync };',
      'g.my.ts':
        'const one = await Promise.resolve(1); export const handler = async () => [one, import.meta.filename !== undefined];',
      'esm/package.json': '{"type":"module"}',
      'esm/h.ts': `import { helped } from './helper.js'; import type { Nothing } from 'no-such-package';
        export const handler = async (event: Nothing) => helped(event.n);`,
      'esm/helper.ts':
        'export enum Color { Red = "red" } export function helped(n: number) { return Color.Red + n; }',
      'i.ts': `import { Context } from 'aws-lambda'; import { helped } from './lib/helper';
        class Counter { constructor(private count: number) {} next() { return ++this.count; } }
        export const handler = async (event: { n: number }, context: Context) => helped(new Counter(event.n).next());`,
      'lib/helper.ts': 'export const helped = <T>(value: T) => ({ value }) as const satisfies { value: T };',
    });
    const answers: Record<string, unknown> = {
      'a.js': 'a',
      'b.mjs': 'function',
      'c.cjs': true,
      'd.ts': 5,
      'e.mts': 'e',
      'f.cts': 'function',
      'g.my.ts': [1, true],
      'esm/h.ts': 'red5',
      'i.ts': { value: 6 },
    };
    for (const [file, answer] of Object.entries(answers)) {
      const name = file.replaceAll(/\W/g, '-');
      shared().lambda.declareFunction({ name, path: join(folder, file), handler: 'handler' });
      const result = await invoke(shared(), name, { n: 5 });
      assert.deepEqual(result.payload, answer, file);
    }
  });

  test('finds the packages beside it', async () => {
    const folder = await files({
      'handlers/a.ts': `import * as values from 'values'; exports.handler = async () => [values.two, values.default.two];`,
      'node_modules/values/package.json': '{"name":"values","main":"main.js"}',
      // As aws-sdk v2 does it: what it exports cannot be seen without running it.
      'node_modules/values/main.js':
        'const all = {}; for (const n of ["two"]) all[n] = 2; module.exports = all;',
    });
    shared().lambda.declareFunction({
      name: 'packages',
      path: join(folder, 'handlers/a.ts'),
      handler: 'handler',
    });
    assert.deepEqual((await invoke(shared(), 'packages')).payload, [2, 2]);
  });

  test('is loaded again when it, or a file that it imports, changes', async () => {
    const folder = await files({
      'main.ts': `import { version } from './version'; export const handler = async () => ['first', version, ++calls]; let calls = 0;`,
      'version.ts': 'export const version: number = 1;',
    });
    shared().lambda.declareFunction({
      name: 'changing',
      path: join(folder, 'main.ts'),
      handler: 'main.handler',
    });
    const answer = async () => (await invoke(shared(), 'changing')).payload;
    assert.deepEqual(await answer(), ['first', 1, 1]);
    assert.deepEqual(await answer(), ['first', 1, 2]);
    await writeFile(join(folder, 'version.ts'), 'export const version: number = 22;');
    assert.deepEqual(await answer(), ['first', 22, 1]);
    await writeFile(join(folder, 'main.ts'), 'export const handler = async () => "second";');
    assert.equal(await answer(), 'second');
    await writeFile(join(folder, 'main.ts'), 'export const handler = async () => {');
    const broken = await invoke(shared(), 'changing');
    assert.equal((broken.payload as { errorType: string }).errorType, 'Runtime.UserCodeSyntaxError');
    await writeFile(join(folder, 'main.ts'), 'export const handler = async () => "mended";');
    assert.equal(await answer(), 'mended');
  });

  test('is described like others, and can only be changed in nagare.yaml', async () => {
    const folder = await files({ 'a.ts': 'export const handler = async () => 1;' });
    const path = join(folder, 'a.ts');
    shared().lambda.declareFunction({
      name: 'declared',
      path,
      handler: 'handler',
      timeoutSeconds: 9,
      description: 'd',
    });
    const { Configuration: told, Code: code } = await shared().client.send(
      new GetFunctionCommand({ FunctionName: 'declared' }),
    );
    assert.equal(code, undefined);
    assert.deepEqual(
      [told?.Handler, told?.Timeout, told?.CodeSize, told?.Description, told?.Runtime, told?.MemorySize],
      ['a.handler', 9, 37, 'd', 'nodejs24.x', 128],
    );
    const conflict = { name: 'ResourceConflictException', message: /is declared in nagare\.yaml/ };
    const change = new UpdateFunctionCodeCommand({ FunctionName: 'declared', ZipFile: zip({ 'a.js': '' }) });
    await assert.rejects(shared().client.send(change), conflict);
    await assert.rejects(
      shared().client.send(new DeleteFunctionCommand({ FunctionName: 'declared' })),
      conflict,
    );
    await assert.rejects(createFunction(shared(), 'declared', ''), {
      name: 'ResourceConflictException',
      message: 'Function already exist: declared',
    });
  });

  test('must be valid', () => {
    const { lambda } = shared();
    const declare = (path: string, timeoutSeconds = 3) =>
      lambda.declareFunction({ name: 'odd', path, handler: 'handler', timeoutSeconds });
    assert.throws(() => declare('relative.ts'), DeclarationError);
    assert.throws(() => declare('/absolute.rb'), /of an unknown type: \/absolute\.rb; known types are \.js/);
    assert.throws(() => declare('/absolute.ts', 901), /has a timeout of 901 seconds; the maximum is 900/);
  });

  // Declarations came past these checks; 100,000 at once were silently made 64.
  test('is validated like CreateFunction', () => {
    const { lambda } = shared();
    const declare = (options: Partial<FunctionDeclaration>) => () =>
      lambda.declareFunction({ name: 'odd', path: '/a.ts', handler: 'handler', ...options });
    const environment = (variables: Record<string, string>) => declare({ environment: variables });
    assert.doesNotThrow(declare({ memoryMegabytes: 128, concurrency: 64, environment: { NAME: 'value' } }));
    assert.throws(declare({ memoryMegabytes: 10 }), /'10' at 'memorySize' .* greater than or equal to 128/);
    assert.throws(declare({ memoryMegabytes: 999_999 }), /at 'memorySize' .* less than or equal to 32768/);
    assert.throws(
      declare({ concurrency: 100_000 }),
      /reservedConcurrentExecutions 100000; the maximum is 64/,
    );
    assert.throws(declare({ description: 'd'.repeat(257) }), /at 'description' .* less than or equal to 256/);
    assert.throws(declare({ handler: 'h'.repeat(128) }), /at 'handler' .* less than or equal to 128/);
    assert.throws(environment({ AWS_REGION: 'x' }), /Reserved keys used in this request: AWS_REGION/);
    assert.throws(environment({ '1a': 'secret' }), (error) => {
      assert.ok(error instanceof DeclarationError);
      assert.match(
        error.message,
        /has an environment variable "1a"; a name starts with a letter, has at least two characters/,
      );
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    assert.throws(environment({ BIG: 'x'.repeat(4096) }), /has 4106 bytes as JSON; the maximum is 4096/);
  });
});

test('handlers with aws-sdk v2, which ignores AWS_ENDPOINT_URL, find the server', async (context) => {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${String(request.headers['x-amz-target'])}`);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end('{"ShardId":"s","SequenceNumber":"1"}');
  });
  http.listen(0, '127.0.0.1');
  context.after(() => http.close());
  await new Promise((resolve) => http.once('listening', resolve));
  const { port } = http.address() as AddressInfo;
  const server = await startLambda(context, { endpoint: () => `http://127.0.0.1:${port}` });
  const folder = await files({
    'whole.ts': `import * as AWS from 'aws-sdk';
      exports.handler = async (event: any) => {
        const kinesis = new AWS.Kinesis();
        await kinesis.putRecord({ Data: 'data', PartitionKey: 'key', StreamName: 'stream' }).promise();
        await new AWS.S3().getObject({ Bucket: 'my-bucket-name', Key: 'log.txt' }).promise();
      }`,
    'one.mjs': `import Kinesis from 'aws-sdk/clients/kinesis.js';
      export const handler = () => new Kinesis().putRecord({ Data: 'd', PartitionKey: 'k', StreamName: 's' }).promise();`,
  });
  for (const [name, file] of [
    ['whole', 'whole.ts'],
    ['one', 'one.mjs'],
  ] as const) {
    server.lambda.declareFunction({ name, path: join(folder, file), handler: 'handler', timeoutSeconds: 20 });
    const result = await invoke(server, name);
    assert.equal(result.error, undefined, JSON.stringify(result.payload));
    assert.doesNotMatch(result.log, /end-of-support/);
  }
  assert.deepEqual(asked, [
    'POST / Kinesis_20131202.PutRecord',
    'GET /my-bucket-name/log.txt undefined',
    'POST / Kinesis_20131202.PutRecord',
  ]);
});

test('handlers find objects in another S3, if they are there', async (context) => {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url?.split('?')[0]}`);
    response.end();
  });
  http.listen(0, '127.0.0.1');
  context.after(() => http.close());
  await new Promise((resolve) => http.once('listening', resolve));
  const { port } = http.address() as AddressInfo;
  const server = await startLambda(context, { objectsEndpoint: `http://127.0.0.1:${port}` });
  const folder = await files({
    'old.ts': `import * as AWS from 'aws-sdk';
      exports.handler = async () => { await new AWS.S3().getObject({ Bucket: 'b', Key: 'old' }).promise(); }`,
    'new.mjs': `import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
      export const handler = () => new S3Client({}).send(new GetObjectCommand({ Bucket: 'b', Key: 'new' })).then(() => {});`,
  });
  for (const [name, file] of [
    ['old', 'old.ts'],
    ['new', 'new.mjs'],
  ] as const) {
    server.lambda.declareFunction({ name, path: join(folder, file), handler: 'handler', timeoutSeconds: 20 });
    const result = await invoke(server, name);
    assert.equal(result.error, undefined, JSON.stringify(result.payload));
  }
  assert.deepEqual(asked, ['GET /b/old', 'GET /b/new']);
});
