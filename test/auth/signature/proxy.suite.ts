/** Signatures through nginx, with the configuration of docs/how-to/behind-a-proxy.md. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { howTo, stepsOf } from '../../docs/page.ts';
import { startTestServer, temporaryFolder, type TestServer } from '../../support/server.ts';
import { programPath, runTool } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { ROOT, sign, type Signed } from './signer.ts';
import { reservePort } from '../../support/ports.ts';

const nginx = programPath('nginx') ?? (process.env['CI'] === 'true' ? 'nginx' : undefined);
const skip = nginx === undefined ? 'needs nginx' : false;

describe('a server behind nginx', { skip }, () => {
  let server: TestServer;
  let folder: string;
  let proxy: ChildProcess;
  let port: number;
  let host: string;
  let ca: string;

  before(async () => {
    server = await startTestServer({ rootKey: ROOT });
    folder = await temporaryFolder();
    ({ port } = await reservePort());
    host = `localhost:${port}`;
    const steps = stepsOf(await readFile(join(howTo, 'behind-a-proxy.md'), 'utf8'));
    const file = steps.find((step) => step.kind === 'file' && step.name === 'nginx.conf');
    assert.ok(file?.kind === 'file');
    const own = file.content
      .replace('8443', String(port))
      .replace('http://127.0.0.1:4566', server.endpoint)
      // What the page says that a proxy must not do.
      .replace(/(?<=\n {4}\})/, `\n${REWRITES.replaceAll('<server>', server.endpoint)}`);
    await writeFile(join(folder, 'nginx.conf'), own);
    await runTool('openssl', [
      ...CERTIFICATE,
      '-keyout',
      join(folder, 'server.key'),
      '-out',
      join(folder, 'server.crt'),
    ]);
    ca = await readFile(join(folder, 'server.crt'), 'utf8');
    proxy = spawn(nginx ?? '', ['-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'], { stdio: 'inherit' });
    await until(async () => (await get('/health')).status === 200);
    await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }));
  });
  after(async () => {
    const ended = once(proxy, 'exit');
    proxy.kill('SIGTERM');
    await ended;
    await server.close();
  });

  const options = (credentials = ROOT) => ({
    endpoint: `https://${host}`,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  const s3 = () =>
    new S3Client({
      ...options(),
      forcePathStyle: true,
      requestHandler: new NodeHttpHandler({ httpsAgent: new Agent({ ca }) }),
    });
  // The SDK's handler takes the authority from the process; it trusts one certificate here.
  const kinesis = (credentials = ROOT) =>
    new KinesisClient({
      ...options(credentials),
      requestHandler: new NodeHttp2Handler({ nodeHttp2ConnectOptions: { ca } }),
    });

  interface Got {
    readonly status: number;
    readonly body: string;
  }

  /** Sends it over TLS as it is; resolves with status 0 while nothing listens. */
  function get(
    path: string,
    { method = 'GET', headers = { host }, body = '' }: Partial<Signed> = {},
  ): Promise<Got> {
    return new Promise((resolve) => {
      const call = request({ host: 'localhost', port, path, method, headers, ca }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
      });
      call.on('error', () => resolve({ status: 0, body: '' }));
      call.end(body);
    });
  }

  it('gets the bytes of paths and queries that clients signed', async () => {
    for (const path of [
      '/bucket/a//b',
      '/bucket/a/../b',
      '/bucket/a%2Fb%252F',
      '/bucket/%C3%A4+(1)',
      '/bucket/./',
    ]) {
      const signedPath = path.replaceAll(
        /[()+]/g,
        (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      const given = { path, signedPath, service: 's3', host };
      const put = sign({ ...given, method: 'PUT', body: path });
      const stored = await get(path, put);
      assert.equal(stored.status, 200, `${path}: ${stored.body}`);
      assert.equal((await get(path, sign({ ...given, method: 'GET' }))).body, path);
    }
  });

  it('streams over HTTP/2: puts, and records pushed to a subscriber', async () => {
    const client = kinesis();
    await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    const { StreamDescriptionSummary: stream } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName: 's' }),
    );
    const StreamARN = stream?.StreamARN;
    const { Consumer } = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }),
    );
    const { Shards: [shard] = [] } = await client.send(new ListShardsCommand({ StreamARN }));
    const subscription = await client.send(
      new SubscribeToShardCommand({
        ConsumerARN: Consumer?.ConsumerARN,
        ShardId: shard?.ShardId,
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    );
    await client.send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: Buffer.from('pushed') }));
    for await (const { SubscribeToShardEvent: event } of subscription.EventStream ?? []) {
      const [record] = event?.Records ?? [];
      if (record === undefined) continue;
      assert.equal(Buffer.from(record.Data ?? []).toString(), 'pushed');
      break;
    }
    client.destroy();
  });

  it('refuses wrong signatures, and what a proxy rewrites', async () => {
    const wrong = kinesis({ ...ROOT, secretAccessKey: 'wrong' });
    await assert.rejects(wrong.send(new CreateStreamCommand({ StreamName: 'x', ShardCount: 1 })), {
      name: 'InvalidSignatureException',
    });
    wrong.destroy();
    for (const path of ['/rewritten-host/key', '/rewritten-path/key']) {
      const { body } = await get(path, sign({ method: 'GET', path, service: 's3', host }));
      assert.match(body, /<Code>SignatureDoesNotMatch</, path);
    }
  });
});

const REWRITES = `    location /rewritten-host/ {
      proxy_pass <server>;
    }
    location /rewritten-path/ {
      proxy_set_header Host $http_host;
      proxy_pass <server>/;
    }`;

const CERTIFICATE =
  'req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost'.split(
    ' ',
  );
