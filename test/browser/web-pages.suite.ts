/**
 * What web pages can make a real Chromium send to a server on this machine. In version 0.1 each of these pages ran
 * code here, made a topic, or read everything; now each is refused by the server itself, and a page whose origin is
 * allowed uses AWS's SDK.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { zipSync } from 'fflate';
import { chromium, type Browser, type Page, type Response } from 'playwright-core';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { programPath } from '../support/tools.ts';
import { startPages, type PageServer } from './pages.ts';

const executablePath = programPath('chromium');
if (executablePath === undefined && process.env['CI'] === 'true') throw new Error('not installed: chromium');
const skip = executablePath === undefined ? 'not installed: chromium' : false;

describe('web pages in Chromium', { skip }, () => {
  let browser: Browser;
  let pages: PageServer;
  let server: TestServer;
  let page: Page;
  let port: number;

  before(async () => {
    pages = await startPages();
    server = await startTestServer({ corsOrigins: [`http://localhost:${pages.port}`] });
    port = Number(new URL(server.endpoint).port);
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      // Their owner lets these names lead here; and root, who runs tests in containers, has no sandbox.
      args: ['--no-sandbox', '--host-resolver-rules=MAP *.example 127.0.0.1'],
    });
    await s3().send(new CreateBucketCommand({ Bucket: 'bucket' }));
  });
  after(async () => {
    await browser?.close();
    await server?.close();
    await pages?.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
  });
  afterEach(() => page.close());

  const s3 = (): S3Client => new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });

  /** All that a page might have changed. */
  async function state(): Promise<unknown> {
    const options = clientOptions(server.endpoint);
    const [functions, topics, streams, objects] = await Promise.all([
      new LambdaClient(options).send(new ListFunctionsCommand()),
      new SNSClient(options).send(new ListTopicsCommand()),
      new KinesisClient(options).send(new ListStreamsCommand()),
      s3().send(new ListObjectsV2Command({ Bucket: 'bucket' })),
    ]);
    return {
      functions: functions.Functions?.map(({ FunctionName }) => FunctionName),
      topics: topics.Topics?.map(({ TopicArn }) => TopicArn),
      streams: streams.StreamNames,
      objects: objects.Contents?.map(({ Key }) => Key),
    };
  }

  /** Opens a page of the origin, and resolves with what the server answered to its first requests. */
  async function attack(origin: string, html: string, count: number): Promise<Response[]> {
    const answers: Response[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    page.on('response', (response) => {
      if (!response.url().startsWith(server.endpoint)) return;
      answers.push(response);
      if (answers.length === count) resolve();
    });
    await page.goto(origin + pages.page(html));
    await promise;
    return answers;
  }

  const code = `export const handler = async () => 'run';`;
  const zip = Buffer.from(zipSync({ 'index.mjs': Buffer.from(code) })).toString('base64');
  const createFunction = JSON.stringify({
    FunctionName: 'f',
    Runtime: 'nodejs22.x',
    Role: 'arn:aws:iam::000000000000:role/r',
    Handler: 'index.handler',
    Code: { ZipFile: zip },
  });

  for (const name of ['evil.example', '127.0.0.1']) {
    const origin = (): string => `http://${name}:${pages.port}`;

    it(`fetch without CORS cannot run a function: from ${name}`, { timeout: 180_000 }, async () => {
      const earlier = await state();
      const html = `<script>
        const post = (path, body) => fetch('${server.endpoint}' + path, { method: 'POST', mode: 'no-cors', body });
        (async () => {
          await post('/2015-03-31/functions', ${JSON.stringify(createFunction)});
          await post('/2015-03-31/functions/f/invocations', new Blob(['{}']));
          await fetch('${server.endpoint}/bucket/key', { mode: 'no-cors' });
        })();
      </script>`;
      const answers = await attack(origin(), html, 3);
      assert.deepEqual(
        answers.map((answer) => answer.status()),
        [403, 403, 403],
      );
      assert.deepEqual(await state(), earlier);
    });

    it(
      `a form that opens the server cannot create a function: from ${name}`,
      { timeout: 180_000 },
      async () => {
        const earlier = await state();
        // The text before the last "=" is the name: together they are the JSON.
        const [before = '', last = ''] = createFunction.split(/=(?=[^=]*$)/);
        const field =
          last === ''
            ? `name='${createFunction.slice(0, -1)},"x":"' value='"}'`
            : `name='${before}' value='${last}'`;
        const html = `<form method="post" enctype="text/plain" action="${server.endpoint}/2015-03-31/functions">
        <input ${field}></form><script>document.forms[0].submit();</script>`;
        const answers = await attack(origin(), html, 1);
        assert.equal(answers[0]?.status(), 403);
        assert.deepEqual(await state(), earlier);
      },
    );

    it(`an image cannot create a topic: from ${name}`, { timeout: 180_000 }, async () => {
      const earlier = await state();
      const query = `Action=CreateTopic&Name=from-${name.replaceAll('.', '-')}&Version=2010-03-31`;
      const signed = `${query}&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fsns%2Faws4_request&X-Amz-Signature=0`;
      const sent: string[] = [];
      page.on('request', (request) => void sent.push(request.url()));
      const path = pages.page(`<script>
        window.results = Promise.all(['?${query}', '?${signed}'].map((address) => new Promise((resolve) => {
          const image = new Image();
          image.onload = image.onerror = (event) => resolve(event.type);
          image.src = '${server.endpoint}/' + address;
        })));
      </script>`);
      await page.goto(origin() + path);
      assert.deepEqual(await page.evaluate('window.results'), ['error', 'error']);
      assert.equal(sent.filter((url) => url.startsWith(server.endpoint)).length, 2);
      assert.deepEqual(await state(), earlier);
    });

    it(`fetch with CORS is not permitted: from ${name}`, { timeout: 180_000 }, async () => {
      const earlier = await state();
      const path = pages.page(`<script>
        window.results = Promise.allSettled([
          fetch('${server.endpoint}/', {
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.1',
              'x-amz-target': 'Kinesis_20131202.CreateStream',
              authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0',
            },
            body: '{"StreamName":"s","ShardCount":1}',
          }),
          fetch('${server.endpoint}/health'),
          fetch('${server.endpoint}/bucket/key', { method: 'PUT', body: 'x' }),
        ]).then((all) => all.map(({ status }) => status));
      </script>`);
      await page.goto(origin() + path);
      assert.deepEqual(await page.evaluate('window.results'), ['rejected', 'rejected', 'rejected']);
      assert.deepEqual(await state(), earlier);
    });
  }

  it(
    'a name that resolves to the server cannot read anything (DNS rebinding)',
    { timeout: 180_000 },
    async () => {
      const rebound = `http://rebound.example:${port}`;
      // The script of a page that its owner's server gave before the name led here has this document's origin.
      assert.equal((await page.goto(`${rebound}/health`))?.status(), 403);
      const earlier = await state();
      const results = await page.evaluate(`Promise.all([
      ['/health'],
      ['/?Action=ListTopics&Version=2010-03-31'],
      ['/bucket/key'],
      ['/', { method: 'POST', body: '{}', headers: {
        'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Kinesis_20131202.ListStreams' } }],
      ['/2015-03-31/functions', { method: 'POST', body: ${JSON.stringify(createFunction)}, headers: {
        'content-type': 'application/json', authorization: 'AWS4-HMAC-SHA256 Credential=a' } }],
    ].map(async ([path, init]) => (await fetch(path, init)).status))`);
      assert.deepEqual(results, [403, 403, 403, 403, 403]);
      assert.deepEqual(await state(), earlier);
    },
  );

  for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/plain']) {
    it(`an object opened as a document runs no script: ${type}`, { timeout: 180_000 }, async () => {
      const script = `<script>fetch('/?Action=CreateTopic&amp;Name=x&amp;Version=2010-03-31'); document.title = 'ran';</script>`;
      const Body = type.includes('svg')
        ? `<svg xmlns="http://www.w3.org/2000/svg"><title>still</title>${script}</svg>`
        : `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>still</title>${script}</head><body>x</body></html>`;
      await s3().send(new PutObjectCommand({ Bucket: 'bucket', Key: 'page', Body, ContentType: type }));
      const earlier = await state();
      const answer = await page.goto(`${server.endpoint}/bucket/page`);
      assert.equal(answer?.status(), 200);
      assert.equal(answer.headers()['content-security-policy'], 'sandbox');
      assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
      assert.notEqual(await page.title(), 'ran');
      assert.deepEqual(await state(), earlier);
    });
  }

  it('a page of an allowed origin can use an SDK', { timeout: 180_000 }, async () => {
    const path = pages.page(`<script src="/aws-sdk.js"></script><script>
      const options = {
        endpoint: '${server.endpoint}', region: 'us-east-1', accessKeyId: 'a', secretAccessKey: 'b', maxRetries: 0,
      };
      const kinesis = new AWS.Kinesis(options);
      const s3 = new AWS.S3({ ...options, s3ForcePathStyle: true });
      const sns = new AWS.SNS(options);
      const lambda = new AWS.Lambda(options);
      window.results = (async () => {
        await kinesis.createStream({ StreamName: 'of-a-page', ShardCount: 1 }).promise();
        await kinesis.putRecord({ StreamName: 'of-a-page', PartitionKey: 'k', Data: 'hello' }).promise();
        const { ShardIterator } = await kinesis.getShardIterator({
          StreamName: 'of-a-page', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' }).promise();
        const { Records } = await kinesis.getRecords({ ShardIterator }).promise();
        const put = { Bucket: 'bucket', Key: 'of-a-page', Body: 'object', Metadata: { from: 'page' } };
        await s3.putObject(put).promise();
        const object = await s3.getObject({ Bucket: 'bucket', Key: 'of-a-page' }).promise();
        const missing = await s3.getObject({ Bucket: 'bucket', Key: 'missing' }).promise().catch((error) => error);
        const { TopicArn } = await sns.createTopic({ Name: 'of-a-page' }).promise();
        const created = ${createFunction};
        const code = Uint8Array.from(atob(created.Code.ZipFile), (char) => char.charCodeAt(0));
        await lambda.createFunction({ ...created, Code: { ZipFile: code } }).promise();
        const { Payload } = await lambda.invoke({ FunctionName: 'f', Payload: '{}' }).promise();
        await s3.deleteObject({ Bucket: 'bucket', Key: 'of-a-page' }).promise();
        return {
          record: String.fromCharCode(...Records[0].Data),
          object: object.Body.toString(), metadata: object.Metadata, etag: object.ETag,
          missing: missing.code, TopicArn, Payload,
          requestId: missing.requestId !== undefined,
        };
      })();
    </script>`);
    await page.goto(`http://localhost:${pages.port}${path}`);
    assert.deepEqual(await page.evaluate('window.results'), {
      record: 'hello',
      object: 'object',
      metadata: { from: 'page' },
      etag: '"a8cfde6331bd59eb2ac96f8911c4b666"',
      missing: 'NoSuchKey',
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:of-a-page',
      Payload: '"run"',
      requestId: true,
    });
  });
});
