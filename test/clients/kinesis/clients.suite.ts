/**
 * All operations of Kinesis, as far as each client knows them, through the AWS SDKs for JavaScript 2 and 3, the AWS
 * CLI and boto3, in their default settings: nothing but the endpoint, the region and credentials is given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as kinesis from '@aws-sdk/client-kinesis';
import aws from 'aws-sdk';
import api from '../../../src/services/kinesis/api.json' with { type: 'json' };
import { clientEnvironment, clientOptions, spawnServer } from '../../support/server.ts';
import { hasTools, runTool } from '../../support/tools.ts';
import { type Answer, type Client, travel } from './journey.ts';

const SHARD_0 = 'shardId-000000000000';
const CHANNELS = Object.keys(api.operations).filter((name) => name.includes('Channel'));

/** An error as text that begins with its name. */
function told(error: unknown): Error {
  return error instanceof Error
    ? new Error(`${error.name}: ${error.message}`, { cause: error })
    : new Error(String(error));
}

function fromBytes(data: unknown): string {
  return Buffer.from(data as Uint8Array).toString(); // what an SDK gives as Data
}

test('the AWS SDK for JavaScript 3, over HTTP/2 with prior knowledge', async (t) => {
  await using server = await spawnServer();
  const sdk = new kinesis.Kinesis(clientOptions(server.endpoint));
  t.after(() => sdk.destroy());
  assert.equal(sdk.config.requestHandler.metadata?.handlerProtocol, 'h2');
  const methods = sdk as unknown as Record<string, (input: object) => Promise<Answer>>; // one for each operation
  const client: Client = {
    call: async (operation, input) => {
      const method = methods[operation.charAt(0).toLowerCase() + operation.slice(1)];
      assert(method !== undefined, operation);
      return await method.call(sdk, input).catch((error: unknown) => Promise.reject(told(error)));
    },
    data: (text) => Buffer.from(text),
    text: fromBytes,
    operations: Object.keys(kinesis)
      .filter((name) => name.endsWith('Command') && !name.startsWith('$'))
      .map((name) => name.slice(0, -'Command'.length)),
  };
  // Channels have a test of their own with this client: test/services/kinesis/operations/create-channel.test.ts.
  await travel(client, ['SubscribeToShard', ...CHANNELS]);

  const ConsumerARN = await consumerOf(client);
  const request = new AbortController();
  const { EventStream } = await sdk.subscribeToShard(
    { ConsumerARN, ShardId: SHARD_0, StartingPosition: { Type: 'TRIM_HORIZON' } },
    { abortSignal: request.signal },
  );
  for await (const { SubscribeToShardEvent: event } of EventStream ?? []) {
    if (event?.Records?.length === 0) continue;
    assert.equal(fromBytes(event?.Records?.[0]?.Data), 'pushed');
    break;
  }
  request.abort();
});

/** A stream with a record, and a consumer of it. */
async function consumerOf({ call, data }: Client): Promise<string> {
  await call('CreateStream', { StreamName: 'pushed', ShardCount: 1 });
  await call('PutRecord', { StreamName: 'pushed', PartitionKey: 'k', Data: data('pushed') });
  const { StreamDescription } = await call('DescribeStream', { StreamName: 'pushed' });
  const { Consumer } = await call('RegisterStreamConsumer', {
    StreamARN: StreamDescription?.StreamARN,
    ConsumerName: 'app',
  });
  return Consumer?.ConsumerARN ?? '';
}

test('the AWS SDK for JavaScript 2, over HTTP/1.1', async () => {
  await using server = await spawnServer();
  const sdk = new aws.Kinesis(clientOptions(server.endpoint));
  // It keeps its model where its types do not say.
  const { operations } = (sdk as unknown as { api: { operations: object } }).api;
  const client: Client = {
    call: async (operation, input) => {
      const name = operation.charAt(0).toLowerCase() + operation.slice(1);
      const request = sdk.makeRequest(name, input).promise() as Promise<Answer>;
      return await request.catch((error: unknown) => {
        // Its errors have their name in `code`.
        const { code, message } = error as { code: string; message: string };
        throw new Error(`${code}: ${message}`, { cause: error });
      });
    },
    data: (text) => text,
    text: fromBytes,
    operations: Object.keys(operations).map((name) => name.charAt(0).toUpperCase() + name.slice(1)),
  };
  // It has no SubscribeToShard, which needs HTTP/2 on AWS.
  await travel(client, []);
});

test('boto3, with its paginators, waiters and event streams', { timeout: 300_000 }, async (t) => {
  if (!hasTools(t, 'python3')) return;
  await using server = await spawnServer();
  const program = fileURLToPath(new URL('journey.py', import.meta.url));
  assert.equal(await runTool('python3', [program], { env: clientEnvironment(server.endpoint) }), 'ok\n');
});

test('the AWS CLI', { timeout: 300_000 }, async (t) => {
  if (!hasTools(t, 'aws', 'python3')) return;
  await using server = await spawnServer();
  const env = clientEnvironment(server.endpoint);
  const listing =
    'import botocore.session as s; print("\\n".join(s.get_session().get_service_model("kinesis").operation_names))';
  const operations = (await runTool('python3', ['-c', listing])).trim().split('\n');
  const client: Client = {
    call: async (operation, input) => {
      const command = operation.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
      const args = [
        'kinesis',
        command,
        '--output',
        'json',
        '--no-paginate',
        '--cli-input-json',
        JSON.stringify(input),
      ];
      const printed = await runTool('aws', args, { env });
      return printed === '' ? {} : (JSON.parse(printed) as Answer); // as it was asked to print it
    },
    data: (text) => text,
    text: (data) => Buffer.from(String(data), 'base64').toString(),
    operations,
  };
  // The CLI has no command for event streams.
  await travel(client, ['SubscribeToShard']);
});
