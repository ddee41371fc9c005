/**
 * Whatever a file declares is what `nagare declare` prints: the printed file changes nothing, and makes the same on
 * another server. Each round declares a random part of everything that can be declared.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { PublishLayerVersionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { zip } from '../services/lambda/lambda-server.ts';
import { runCommand } from '../support/command.ts';
import { runSeed, seededPick } from '../support/random.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

const ROUNDS = 4;

type Members = Readonly<Record<string, unknown>>;

interface Declarable {
  readonly required?: Members;
  /** Each is declared or not; members that need each other are together. */
  readonly options: readonly Members[];
}

const account = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${account}:${resource}`;
const policyOf = (Action: string, Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action, Resource }],
});
const identityPolicy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kinesis:Put*', Resource: '*' }],
};
const tags = { tags: { team: 'data', cost: '7' } };
const permission = { principal: 'sns.amazonaws.com', sourceArn: arn('sns', 'alerts') };
const retries = { minDelayTarget: 1, maxDelayTarget: 9, numRetries: 5 };

/** What is declared besides in every round, for others to refer to. */
const always = {
  buckets: { archive: {} },
  streams: { source: { shardCount: 1 } },
  queues: { dead: {}, inbox: {} },
  topics: { alerts: {} },
  policies: { write: { document: identityPolicy } },
  groups: { staff: {} },
};

/** By section, with the name of the resource that is declared. */
const declarable: Readonly<Record<string, Readonly<Record<string, Declarable>>>> = {
  policies: {
    read: { required: { document: identityPolicy }, options: [{ path: '/a/' }, { description: 'd' }, tags] },
  },
  groups: {
    team: {
      options: [
        { path: '/a/' },
        { attachedPolicies: ['write'] },
        { inlinePolicies: { own: identityPolicy } },
      ],
    },
  },
  roles: {
    reader: {
      required: {
        assumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
          ],
        },
      },
      options: [
        { permissionsBoundary: 'write' },
        { attachedPolicies: ['write'] },
        { inlinePolicies: { own: identityPolicy } },
        { path: '/a/' },
        { description: 'd' },
        { maxSessionDuration: 7200 },
        tags,
      ],
    },
  },
  users: {
    ann: {
      options: [
        { groups: ['staff'] },
        { permissionsBoundary: 'write' },
        { attachedPolicies: ['write'] },
        { inlinePolicies: { own: identityPolicy } },
        { path: '/a/' },
        tags,
      ],
    },
  },
  buckets: { more: { options: [{ policy: policyOf('s3:GetObject', 'arn:aws:s3:::more/*') }, tags] } },
  glueDatabases: {
    shop: {
      options: [{ description: 'sold' }, { tables: { orders: { columns: { id: 'bigint' } } } }],
    },
  },
  catalogs: {
    lake: {
      required: { arn: arn('glue', 'catalog'), url: 'http://127.0.0.1:9' },
      options: [{ warehouse: 'w' }],
    },
  },
  streams: {
    orders: {
      options: [
        { shardCount: 3 },
        { retentionPeriodHours: 48 },
        { encryptionType: 'KMS', keyId: 'alias/own' },
        { maxRecordSizeInKiB: 2048 },
        { limits: 'aws' },
        { policy: policyOf('kinesis:PutRecord', arn('kinesis', 'stream/orders')) },
        { consumers: ['reader'] },
        tags,
      ],
    },
    clicks: {
      required: { streamMode: 'ON_DEMAND' },
      options: [
        { recordDistributionStrategy: 'AUTO' },
        { channels: { kept: { bucket: 'archive', recordFormatType: 'JSON', compressionType: 'GZIP' } } },
      ],
    },
  },
  logGroups: { '/app/orders': { options: [{ retentionInDays: 7 }, tags] } },
  functions: {
    say: {
      required: { path: './say.mjs' },
      options: [
        { handler: 'other' },
        { role: arn('iam', 'role/reader').replace('us-east-1', '') },
        { description: 'says' },
        { timeout: 7 },
        { memorySize: 256 },
        { environment: { STEP: '1', ALL: 'a b' } },
        { layers: ['common:1'] },
        { reservedConcurrentExecutions: 2 },
        { loggingConfig: { logFormat: 'JSON', applicationLogLevel: 'DEBUG', systemLogLevel: 'WARN' } },
        { loggingConfig: { logGroup: '/app/own' } },
        { aliases: { live: 'in use' } },
        { aliases: { next: { description: 'soon', permissions: { a: permission, b: permission } } } },
        { aliases: { bare: { permissions: { a: permission } } } },
        {
          permissions: {
            topic: permission,
            other: { principal: '123456789012', action: 'lambda:GetFunction' },
          },
        },
        { eventInvokeConfig: { maximumRetryAttempts: 0, onFailure: arn('sns', 'alerts') } },
        { deadLetterConfig: { targetArn: arn('sqs', 'dead') } },
        {
          eventSources: [
            { stream: 'source', batchSize: 10, filters: ['{"data":{"a":[1]}}'], enabled: false },
            { queue: 'inbox', scalingConfig: { maximumConcurrency: 3 } },
          ],
        },
        { eventSources: [{ stream: 'source', tumblingWindowInSeconds: 30, onFailure: arn('sqs', 'dead') }] },
        tags,
      ],
    },
  },
  topics: {
    news: {
      options: [
        { displayName: 'News' },
        { signatureVersion: '2' },
        { deliveryPolicy: { http: { defaultHealthyRetryPolicy: retries } } },
        { tracingConfig: 'PassThrough' },
        { policy: policyOf('sns:Publish', arn('sns', 'news')) },
        {
          subscriptions: [
            {
              protocol: 'sqs',
              endpoint: 'inbox',
              rawMessageDelivery: true,
              filterPolicyScope: 'MessageBody',
              filterPolicy: { order: { kind: ['new', { prefix: 'a' }], size: [{ numeric: ['>', 1.5] }] } },
              deadLetterQueue: 'dead',
            },
            { protocol: 'lambda', endpoint: 'say', filterPolicy: { kind: [{ exists: false }] } },
            {
              protocol: 'http',
              endpoint: 'http://127.0.0.1:9/x',
              deliveryPolicy: { healthyRetryPolicy: retries },
            },
          ],
        },
        { subscriptions: [{ protocol: 'sqs', endpoint: 'inbox' }] },
        tags,
      ],
    },
  },
  queues: {
    work: {
      options: [
        { visibilityTimeout: 40 },
        { delaySeconds: 3 },
        { messageRetentionPeriod: 3600 },
        { maximumMessageSize: 2048 },
        { receiveMessageWaitTimeSeconds: 5 },
        { deadLetterQueue: 'dead', maxReceiveCount: 4 },
        { policy: policyOf('sqs:SendMessage', arn('sqs', 'work')) },
        tags,
      ],
    },
    'ordered.fifo': {
      options: [
        { contentBasedDeduplication: true },
        { deduplicationScope: 'messageGroup', fifoThroughputLimit: 'perMessageGroupId' },
      ],
    },
  },
  alarms: {
    busy: {
      required: {
        namespace: 'AWS/Kinesis',
        metricName: 'IncomingRecords',
        statistic: 'Sum',
        period: 60,
        threshold: 5.5,
        comparisonOperator: 'GreaterThanThreshold',
      },
      options: [
        { dimensions: { StreamName: 'orders' } },
        { evaluationPeriods: 3, datapointsToAlarm: 2 },
        { treatMissingData: 'breaching' },
        { alarmActions: ['alerts'] },
        { okActions: [arn('sns', 'alerts')] },
        { insufficientDataActions: ['alerts'] },
        { actionsEnabled: false },
        { alarmDescription: 'too busy' },
        { unit: 'Count' },
        tags,
      ],
    },
    slow: {
      required: {
        namespace: 'AWS/Lambda',
        metricName: 'Duration',
        extendedStatistic: 'p99',
        period: 60,
        threshold: 1000,
        comparisonOperator: 'GreaterThanThreshold',
      },
      options: [{ evaluateLowSampleCountPercentile: 'ignore' }],
    },
  },
  listLogs: {
    all: {
      required: { stream: 'source', bucket: 'archive', key: 'log-{time:YYYY}.txt' },
      options: [
        { startingPosition: 'AT_TIMESTAMP', startingPositionTimestamp: '2026-01-01T00:00:00.000Z' },
        { format: '{data}' },
        { timeZone: 'Europe/Berlin' },
      ],
    },
  },
  deliveryStreams: {
    direct: {
      required: {
        extendedS3DestinationConfiguration: { bucketARN: 'arn:aws:s3:::archive', prefix: 'direct/' },
      },
      options: [{ retentionHours: 30 }, tags],
    },
    posted: {
      required: {
        stream: 'source',
        httpEndpointDestinationConfiguration: {
          endpointConfiguration: { url: 'https://example.com/records' },
          s3Configuration: { bucketARN: 'arn:aws:s3:::archive' },
        },
      },
      options: [{ startingPosition: 'TRIM_HORIZON' }],
    },
  },
};

/** Members that these rounds cannot declare, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  'users.accessKeys': 'names files with secrets, which are never printed',
  'catalogs.token': 'names a file with a secret',
  'catalogs.files': 'has the credentials of another store',
  'streams.warmThroughputMiBps': 'needs a commitment of the account',
  'listLogs.endpoint': 'another store must be there',
  'listLogs.region': 'of another store',
  'deliveryStreams.database': 'a database must be there',
  'deliveryStreams.icebergDestinationConfiguration': 'a catalog must be there',
  'deliveryStreams.directPutSourceConfiguration': 'has no effect to see',
  'deliveryStreams.deliveryStreamEncryptionConfigurationInput': 'starts encryption, which describes itself',
};

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly anyOf?: readonly Schema[];
}

test('all members that nagare.yaml has are among those that the rounds declare', async () => {
  const path = join(import.meta.dirname, '../../nagare.schema.json');
  const schema = JSON.parse(await readFile(path, 'utf8')) as Schema;
  const known = Object.entries(schema.properties ?? {}).flatMap(
    ([section, { additionalProperties, anyOf }]) => {
      const entry = additionalProperties ?? anyOf?.at(-1)?.additionalProperties;
      return Object.keys(entry?.properties ?? {}).map((member) => `${section}.${member}`);
    },
  );
  const declared = Object.entries(declarable).flatMap(([section, resources]) =>
    Object.values(resources).flatMap(({ required = {}, options }) =>
      [required, ...options].flatMap((members) =>
        Object.keys(members).map((member) => `${section}.${member}`),
      ),
    ),
  );
  const all = new Set([...declared, ...Object.keys(elsewhere)]);
  assert.deepEqual(
    known.filter((member) => !all.has(member)),
    [],
  );
});

function fileOf(pick: (below: number) => number): string {
  const sections = Object.entries(declarable).map(([section, resources]) => {
    const chosen = Object.entries(resources).map(([name, { required = {}, options }]) => {
      const members = options.filter(() => pick(2) < 1);
      return [name, Object.assign({}, required, ...members)] as const;
    });
    const besides: Readonly<Record<string, Members>> =
      section in always ? always[section as keyof typeof always] : {};
    return [section, { ...besides, ...Object.fromEntries(chosen) }] as const;
  });
  return stringify(Object.fromEntries(sections));
}

async function started(t: TestContext): Promise<TestServer> {
  const server = await startTestServer();
  t.after(() => server.close());
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  t.after(() => lambda.destroy());
  const Content = { ZipFile: zip({ 'nodejs/node_modules/x/index.js': '' }) };
  await lambda.send(new PublishLayerVersionCommand({ LayerName: 'common', Content }));
  return server;
}

async function run(server: TestServer, ...args: string[]): Promise<string> {
  const { code, output, errors } = await runCommand([...args, '--endpoint', server.endpoint]);
  assert.equal(code, 0, errors + output);
  return output;
}

for (const seed of Array.from({ length: ROUNDS }, (_, round) => (runSeed() + round) >>> 0)) {
  test(`what is declared is what is printed (SEED=${seed})`, async (t) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'say.mjs'), 'export const handler = async () => "said";');
    const [file, printed] = [join(folder, 'nagare.yaml'), join(folder, 'printed.yaml')];
    await writeFile(file, fileOf(seededPick(seed)));
    const first = await started(t);
    await run(first, 'apply', file);
    // What is declared is there already.
    assert.match(await run(first, 'apply', file, '--dry-run'), /^\d+ unchanged; this was a dry run\n$/);
    const described = await run(first, 'declare');
    await writeFile(printed, described);
    assert.match(await run(first, 'apply', printed, '--dry-run'), /^\d+ unchanged; this was a dry run\n$/);
    assert.doesNotMatch(described, /^#/m);
    const second = await started(t);
    await run(second, 'apply', printed);
    assert.equal(await run(second, 'declare'), described);
  });
}
