import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { until } from '../support/until.ts';
import { spawnServer, type ServerProcess } from '../support/server-process.ts';
import { zip } from '../services/lambda/lambda-server.ts';

const smallLimits = new URL('../support/small-limits.ts', import.meta.url).href;
const noPrlimit = spawnSync('prlimit', ['--version']).error !== undefined && 'needs prlimit of util-linux';
const CONNECTIONS = 8;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS });
after(() => agent.destroy());

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function call(
  server: ServerProcess,
  method: string,
  path: string,
  body = '',
  target = '',
): Promise<Answer> {
  const service = target !== '' ? 'kinesis' : path.startsWith('/2015-03-31/') ? 'lambda' : 's3';
  const headers = {
    // Not checked; without it, nothing may change state.
    ...(path !== '/health' && {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/${service}/aws4_request`,
    }),
    'content-length': Buffer.byteLength(body),
    ...(target !== '' && { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
  };
  const sent = request(server.endpoint + path, { method, agent, headers });
  sent.end(body);
  // The event's only argument.
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, body: text };
}

const kinesis = (server: ServerProcess, operation: string, input: object): Promise<Answer> =>
  call(server, 'POST', '/', JSON.stringify(input), `Kinesis_20131202.${operation}`);

function createFunction(server: ServerProcess, FunctionName: string): Promise<Answer> {
  const ZipFile = Buffer.from(zip({ 'index.mjs': 'export const handler = async () => 1;' })).toString(
    'base64',
  );
  const input = {
    FunctionName,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/r',
    Code: { ZipFile },
  };
  return call(server, 'POST', '/2015-03-31/functions', JSON.stringify(input));
}

function limitHandles(server: ServerProcess, handles: number | 'as before'): void {
  const soft = handles === 'as before' ? '1000' : String(handles);
  execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${soft}:1000`]);
}

// The logger loaded its formatter with its first line, failed, and the server died.
test(
  'without free file handles, whatever needs one fails individually, and works again later',
  { skip: noPrlimit },
  async () => {
    await using server = await spawnServer({ env: { NODE_OPTIONS: `--import ${smallLimits}` } });
    limitHandles(server, 'as before');
    const record = { StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(30_000).toString('base64') };
    const put = (): Promise<Answer> => kinesis(server, 'PutRecord', record);
    const object = 'x'.repeat(300_000);
    assert.equal((await kinesis(server, 'CreateStream', { StreamName: 's', ShardCount: 1 })).status, 200);
    assert.equal((await call(server, 'PUT', '/bucket')).status, 200);
    assert.equal((await call(server, 'PUT', '/bucket/before', object)).status, 200);
    assert.equal((await put()).status, 200);

    // Connections are there before the handles go: a request that is refused half-way ends its own.
    await Promise.all(Array.from({ length: CONNECTIONS }, () => call(server, 'GET', '/health')));
    // Fewer than it has already.
    limitHandles(server, 10);
    assert.deepEqual(await call(server, 'GET', '/health').then(({ status }) => status), 200);
    assert.match(
      (await call(server, 'PUT', '/bucket/during', object)).body,
      /<Code>ServiceUnavailable<\/Code>/,
    );
    assert.equal((await call(server, 'GET', '/bucket/before')).status, 503);
    assert.equal((await createFunction(server, 'during')).status, 503);
    // Records need a new file now and then: what was not stored is not acknowledged.
    let stored = 1;
    let refused: Answer | undefined;
    for (let attempts = 0; attempts < 40 && refused === undefined; attempts++) {
      const answer = await put();
      if (answer.status === 200) stored++;
      else refused = answer;
    }
    assert.equal(refused?.status, 503, server.errorOutput);
    assert.equal((await put()).status, 503);
    assert.match(server.errorOutput, /too many files and sockets are open/);

    limitHandles(server, 'as before');
    assert.equal((await put()).status, 200);
    assert.equal((await call(server, 'PUT', '/bucket/after', object)).status, 200);
    assert.equal((await call(server, 'GET', '/bucket/before')).body, object);
    assert.equal((await createFunction(server, 'after')).status, 201);
    const invoked = await call(server, 'POST', '/2015-03-31/functions/after/invocations', '{}');
    assert.deepEqual(invoked, { status: 200, body: '1' });
    const iterator = await kinesis(server, 'GetShardIterator', {
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { ShardIterator } = JSON.parse(iterator.body) as { ShardIterator: string };
    const { Records } = JSON.parse((await kinesis(server, 'GetRecords', { ShardIterator })).body) as {
      Records: unknown[];
    };
    assert.equal(Records.length, stored + 1);
    const { status, body } = await call(server, 'GET', '/bucket?list-type=2');
    assert.equal(status, 200);
    assert.doesNotMatch(body, /during/);
  },
);

test(
  'many idle connections do not keep others out, and take no handles from the store',
  { skip: noPrlimit },
  async () => {
    await using server = await spawnServer({ openFiles: 128 });
    const idle: Socket[] = [];
    for (let count = 0; count < 200; count++) {
      const socket = connect(Number(new URL(server.endpoint).port), '127.0.0.1');
      socket.on('error', () => {});
      idle.push(socket);
    }
    await until(async () => idle.filter((socket) => socket.closed).length > 100, {
      what: 'idle connections are ended',
    });
    assert.equal((await kinesis(server, 'CreateStream', { StreamName: 's', ShardCount: 1 })).status, 200);
    assert.equal((await call(server, 'PUT', '/bucket')).status, 200);
    assert.equal((await call(server, 'PUT', '/bucket/key', 'x'.repeat(300_000))).status, 200);
    assert.equal((await createFunction(server, 'f')).status, 201);
    const invoked = await call(server, 'POST', '/2015-03-31/functions/f/invocations', '{}');
    assert.deepEqual(invoked, { status: 200, body: '1' });
    assert.equal(server.errorOutput, '');
    for (const socket of idle) socket.destroy();
  },
);
