import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type HttpEndpointDestinationConfiguration,
  PutRecordBatchCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { until } from '../../support/until.ts';
import { type FirehoseWorld, s3Destination, startFirehose } from './support.ts';

const DeliveryStreamName = 'orders';
const describeStream = new DescribeDeliveryStreamCommand({ DeliveryStreamName });

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly texts: readonly string[];
}

/** An endpoint on this machine that answers with a status, and accepts what it answers with 200. */
async function endpoint(t: TestContext, statusOf: (request: Request) => number = () => 200) {
  const requests: Request[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const { headers } = incoming;
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      const { requestId, records } = JSON.parse(body.toString());
      const texts = records.map(({ data }: { data: string }) => Buffer.from(data, 'base64').toString());
      const request = { headers, texts };
      requests.push(request);
      response.statusCode = statusOf(request);
      response.end(JSON.stringify({ requestId, timestamp: Date.now() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

async function create(
  world: FirehoseWorld,
  Url: string,
  more: Partial<HttpEndpointDestinationConfiguration> = {},
): Promise<void> {
  await world.createBucket('lake').catch(() => undefined);
  const { BufferingHints, ...S3Configuration } = s3Destination('lake');
  await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      HttpEndpointDestinationConfiguration: {
        EndpointConfiguration: { Url, Name: 'mine', AccessKey: 'secret' },
        BufferingHints,
        S3Configuration: { ...S3Configuration, BufferingHints },
        RetryOptions: { DurationInSeconds: 0 },
        ...more,
      },
    }),
  );
}

async function put(world: FirehoseWorld, ...texts: string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(text) }));
  await world.firehose.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }));
}

describe('an HTTP endpoint', () => {
  it('receives the records of a delivery stream with key and attributes, and the API never returns the key', async (t) => {
    const { url, requests } = await endpoint(t);
    await using world = await startFirehose();
    await create(world, url, {
      RequestConfiguration: {
        ContentEncoding: 'GZIP',
        CommonAttributes: [{ AttributeName: 'env', AttributeValue: 'prod' }],
      },
      ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'AppendDelimiterToRecord' }] },
    });
    await put(world, 'a', 'b');
    await until(() => requests.length === 1);
    assert.deepEqual(requests[0]?.texts, ['a\n', 'b\n']);
    const headers = requests[0]?.headers ?? {};
    assert.equal(headers['x-amz-firehose-access-key'], 'secret');
    assert.equal(headers['x-amz-firehose-common-attributes'], '{"commonAttributes":{"env":"prod"}}');
    const { DeliveryStreamDescription: described } = await world.firehose.send(describeStream);
    assert.equal(headers['x-amz-firehose-source-arn'], described?.DeliveryStreamARN);
    const [destination] = described?.Destinations ?? [];
    assert.deepEqual(destination?.HttpEndpointDestinationDescription?.EndpointConfiguration, {
      Url: url,
      Name: 'mine',
    });
    assert.equal(JSON.stringify(described).includes('secret'), false);
  });

  it("that accepts nothing leaves the records in the bucket, in AWS's JSON form", async (t) => {
    const { url, requests } = await endpoint(t, () => 500);
    await using world = await startFirehose();
    await create(world, url);
    await put(world, 'a', 'b');
    await until(async () => (await world.objects('lake')).length === 1);
    assert.equal(requests.length, 1);
    const [object] = await world.objects('lake');
    assert.match(object?.key ?? '', /^http-endpoint-failed\/\d{4}\/\d\d\/\d\d\/\d\d\/orders-1-/);
    const entries = (object?.text ?? '')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      entries.map(({ rawData, errorCode, attemptsMade, subsequenceNumber, dataId }) => [
        Buffer.from(rawData, 'base64').toString(),
        errorCode,
        attemptsMade,
        subsequenceNumber,
        dataId.endsWith('.0'),
      ]),
      ['a', 'b'].map((text) => [text, 'HttpEndpoint.DestinationException', 1, 0, true]),
    );
  });

  it('that is unavailable for a while receives the records later', async (t) => {
    let calls = 0;
    const { url, requests } = await endpoint(t, () => (++calls === 1 ? 503 : 200));
    await using world = await startFirehose();
    await create(world, url, { RetryOptions: { DurationInSeconds: 60 } });
    await put(world, 'a');
    await until(() => requests.length === 2);
    const ids = requests.map(({ headers }) => headers['x-amz-firehose-request-id']);
    assert.equal(ids[0], ids[1]);
    assert.deepEqual(await world.objects('lake'), []);
  });

  it('has a backup of all records if configured, and can be updated', async (t) => {
    const [one, two] = [await endpoint(t), await endpoint(t)];
    await using world = await startFirehose();
    await create(world, one.url, { S3BackupMode: 'AllData' });
    await put(world, 'a');
    await until(async () => one.requests.length === 1 && (await world.objects('lake')).length === 1);
    assert.equal((await world.objects('lake'))[0]?.text, 'a');
    await world.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: '1',
        DestinationId: 'destinationId-000000000001',
        HttpEndpointDestinationUpdate: { EndpointConfiguration: { Url: two.url } },
      }),
    );
    await put(world, 'b');
    await until(async () => two.requests.length === 1 && (await world.objects('lake')).length === 2);
    assert.deepEqual([one.requests.length, two.requests[0]?.texts], [1, ['b']]);
  });

  it('has its keys encrypted in the data folder, that of a delivery in progress too', async (t) => {
    let status = 500;
    const { url, requests } = await endpoint(t, () => status);
    await using world = await startFirehose();
    const keys = ['the key before the update', 'the key after the update'];
    const EndpointConfiguration = { Url: url, AccessKey: keys[0] };
    await create(world, url, { EndpointConfiguration, RetryOptions: { DurationInSeconds: 3600 } });
    await put(world, 'a');
    await until(() => requests.length > 0);
    await world.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: '1',
        DestinationId: 'destinationId-000000000001',
        HttpEndpointDestinationUpdate: { EndpointConfiguration: { Url: url, AccessKey: keys[1] } },
      }),
    );
    await world.server.restart();
    requests.length = 0;
    status = 200;
    await put(world, 'b');
    await until(() => requests.length === 2);
    assert.deepEqual(
      requests.map(({ headers, texts }) => [headers['x-amz-firehose-access-key'], ...texts]),
      [
        [keys[0], 'a'],
        [keys[1], 'b'],
      ],
    );
    const files = readdirSync(world.server.dataDir, { recursive: true, withFileTypes: true });
    const bytes = Buffer.concat(
      files
        .filter((file) => file.isFile())
        .map(({ parentPath, name }) => readFileSync(join(parentPath, name))),
    );
    assert.equal(bytes.includes(url), true);
    for (const key of keys) assert.equal(bytes.includes(key), false);
  });

  it('has a key that no message shows', async (t) => {
    const { url } = await endpoint(t);
    await using world = await startFirehose();
    const AccessKey = 'k'.repeat(4097);
    await assert.rejects(create(world, url, { EndpointConfiguration: { Url: url, AccessKey } }), {
      message:
        "1 validation error detected: Value at 'httpEndpointDestinationConfiguration.endpointConfiguration.accessKey' failed to satisfy constraint: Member must have length less than or equal to 4096",
    });
  });

  it('is refused with invalid settings', async (t) => {
    const { url } = await endpoint(t);
    await using world = await startFirehose();
    const refused = (more: Partial<HttpEndpointDestinationConfiguration>, message: RegExp) =>
      assert.rejects(create(world, url, more), { name: 'InvalidArgumentException', message });
    const attribute = { AttributeName: 'env', AttributeValue: 'x' };
    await refused(
      { RequestConfiguration: { CommonAttributes: [attribute, attribute] } },
      /Http Endpoint Common Attributes have duplicate name env/,
    );
    await refused(
      {
        SecretsManagerConfiguration: {
          Enabled: true,
          SecretARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:x',
        },
      },
      /does not support SecretsManagerConfiguration/,
    );
    await refused({ BufferingHints: { SizeInMBs: 1 } }, /you must specify both/);
    await refused(
      { ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'RecordDeAggregation' }] } },
      /can only be present when Dynamic Partitioning is enabled/,
    );
  });
});
