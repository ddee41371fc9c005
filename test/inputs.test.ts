import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { test } from 'node:test';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as firehose from '@aws-sdk/client-firehose';
import * as glue from '@aws-sdk/client-glue';
import * as iam from '@aws-sdk/client-iam';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import type { ServiceModel } from '../src/protocol/model.ts';

/**
 * Never accepted and ignored: every member of every input is read by the code of its operation, or refused there by
 * name, or stands in one of the lists below with the reason why it means nothing.
 */
const services = resolve(import.meta.dirname, '../src/services');
/** Reads the parts of configurations that several services have. */
const deliveries = resolve(import.meta.dirname, '../src/delivery/');

/** Members that mean nothing here, and nothing is lost by that. */
const meaningless: Readonly<Record<string, readonly string[]>> = {
  kinesis: [
    'UpdateShardCount ScalingType', // required, and there is only one
  ],
  firehose: [
    // A range is delivered until that has succeeded.
    'CreateDeliveryStream ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration.RetryOptions',
    'CreateDeliveryStream ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration.RetryOptions.DurationInSeconds',
    'UpdateDestination ExtendedS3DestinationUpdate.DynamicPartitioningConfiguration.RetryOptions',
    'UpdateDestination ExtendedS3DestinationUpdate.DynamicPartitioningConfiguration.RetryOptions.DurationInSeconds',
  ],
  lambda: [],
  logs: [
    'FilterLogEvents interleaved', // AWS ignores it as well: events are always interleaved
    'FilterLogEvents unmask', // nothing is masked
    'GetLogEvents unmask',
    'PutLogEvents sequenceToken', // AWS ignores it as well
    ...['keyAttributes', 'attributes'].map((name) => `PutLogEvents entity.${name}`), // an entity is refused whole
  ],
  glue: [
    'GetTable IncludeStatusDetails', // only views of several dialects have a status, and they are refused
    'GetTables IncludeStatusDetails',
  ],
  sts: [
    'AssumeRole ExternalId', // only trust policies read it, and they are not enforced
  ],
  s3: [
    '* RequestPayer', // nobody pays
    '* ContentLength', // the HTTP server reads as many bytes as it says
    'PutBucketAcl AccessControlPolicy.Owner.DisplayName', // the ID names the owner
    'PutBucketAcl AccessControlPolicy.Grants.Grantee.DisplayName',
    'CreateBucket CreateBucketConfiguration.LocationConstraint', // all buckets are in the server's region
  ],
};

/** Members that are kept with whatever is in them, and shown again. */
const keptWhole: Readonly<Record<string, readonly string[]>> = {
  glue: ['CreateTableDefaultPermissions', 'DatabaseInput', 'TableInput'],
};

/** Members that are refused with whatever is in them, so that nothing of it is ever read. */
const refusedWhole: Readonly<Record<string, readonly string[]>> = {
  kinesis: ['EncryptionConfiguration'],
  lambda: [
    'AmazonManagedKafkaEventSourceConfig',
    'CapacityProviderConfig',
    'DocumentDBEventSourceConfig',
    'DurableConfig',
    'FileSystemConfigs',
    'ImageConfig',
    'LoggingConfig',
    'MetricsConfig',
    'ProvisionedPollerConfig',
    'ScalingConfig',
    'SelfManagedEventSource',
    'SelfManagedKafkaEventSourceConfig',
    'SourceAccessConfigurations',
    'TenancyConfig',
    'VpcConfig',
  ],
  cloudwatch: [
    'ActionConfiguration',
    'EntityMetricData',
    'EvaluationCriteria',
    'EvaluationWindow',
    'LabelOptions',
    'Metrics',
    'WarmUpConfiguration',
  ],
  glue: ['AuditContext', 'OpenTableFormatInput', 'PartitionIndexes', 'UpdateOpenTableFormatInput'],
  sts: ['ProvidedContexts'],
  iam: ['OrderedOrganizationPolicyInputList', 'PolicyExclusionList'],
  s3: ['BlockedEncryptionTypes', 'Bucket', 'Location'],
  firehose: [
    'AmazonOpenSearchServerlessDestinationConfiguration',
    'AmazonOpenSearchServerlessDestinationUpdate',
    'AmazonopensearchserviceDestinationConfiguration',
    'AmazonopensearchserviceDestinationUpdate',
    'DatabaseSourceConfiguration',
    'ElasticsearchDestinationConfiguration',
    'ElasticsearchDestinationUpdate',
    'KMSEncryptionConfig',
    'MSKSourceConfiguration',
    'OrcSerDe',
    'RedshiftDestinationConfiguration',
    'RedshiftDestinationUpdate',
    'SecretsManagerConfiguration',
    'SnowflakeDestinationConfiguration',
    'SnowflakeDestinationUpdate',
    'SplunkDestinationConfiguration',
    'SplunkDestinationUpdate',
  ],
};

/** What is done for all operations of a service, before their own code. */
const forAll: Readonly<Record<string, readonly string[]>> = { s3: ['s3/unsupported-inputs.ts'] };
const checkedForAll: Readonly<Record<string, readonly string[]>> = {
  s3: ['ContentMD5', 'ChecksumAlgorithm'], // body-sums.ts
};

for (const service of [
  'kinesis',
  'lambda',
  'logs',
  'listlog',
  's3',
  'sns',
  'sqs',
  'cloudwatch',
  'glue',
  'iam',
  'sts',
  'tagging',
  'firehose',
]) {
  test(`${service}: no member of an input is accepted and ignored`, () => {
    const model = JSON.parse(readFileSync(`${services}/${service}/api.json`, 'utf8')) as ServiceModel;
    const ignored = Object.values(model.operations).flatMap(({ name, input }) => {
      const file = fileOf(service, name);
      if (file === undefined || input === undefined) return [];
      const code = [file, ...(forAll[service] ?? []).map((one) => `${services}/${one}`)];
      const words = new Set([...wordsOf(service, code), ...(checkedForAll[service] ?? [])]);
      const closed = [...(refusedWhole[service] ?? []), ...(keptWhole[service] ?? [])];
      const paths = membersOf(model, input.shape, new Set(closed));
      return paths
        .filter((path) => !words.has(path.split('.').at(-1) ?? ''))
        .map((path) => `${name} ${path}`)
        .filter((place) => {
          const known = meaningless[service] ?? [];
          return !known.includes(place) && !known.includes(place.replace(name, '*'));
        });
    });
    assert.deepEqual(ignored, []);
  });
}

/** Operations that clients send elsewhere. */
const elsewhere = ['ListDirectoryBuckets'];

const sdks: Readonly<Record<string, object>> = {
  kinesis,
  lambda,
  logs,
  s3,
  sns,
  sqs,
  cloudwatch,
  glue,
  iam,
  sts,
  firehose,
};

for (const [service, sdk] of Object.entries(sdks)) {
  test(`${service}: what the SDK can send is known, so that nothing is ignored because it is new`, () => {
    const folder = `${services}/${service}`;
    const model = JSON.parse(readFileSync(`${folder}/api.json`, 'utf8')) as ServiceModel;
    const refused = existsSync(`${folder}/unsupported.json`)
      ? (JSON.parse(readFileSync(`${folder}/unsupported.json`, 'utf8')) as string[])
      : [];
    const operations = new Set([
      ...Object.keys(model.operations),
      ...refused.map((line) => line.split(' ', 1)[0]),
      ...elsewhere,
      '$',
    ]);
    const commands = Object.keys(sdk).flatMap((name) => /^(.+)Command$/.exec(name)?.[1] ?? []);
    assert.deepEqual(
      commands.filter((name) => !operations.has(name)),
      [],
    );
    const structures = Object.values(sdk).filter(isStructure);
    assert.ok(structures.length > 0);
    const received = receivedShapes(model);
    const unknown = structures.flatMap(([, , name, , members]) => {
      const known = Object.keys(model.shapes[name]?.members ?? {}).map((member) => member.toLowerCase());
      return received.has(name)
        ? members
            .filter((member) => !known.includes(member.toLowerCase()))
            .map((member) => `${name}.${member}`)
        : [];
    });
    assert.deepEqual(unknown, []);
  });
}

/** The beginning of a structure or union in an SDK's schemas: its kind, namespace, name, traits and members. */
type Structure = readonly [kind: 3 | 4, namespace: string, name: string, traits: unknown, members: string[]];

function isStructure(value: unknown): value is Structure {
  return Array.isArray(value) && (value[0] === 3 || value[0] === 4) && Array.isArray(value[4]);
}

/** The shapes of all inputs, and of what is in them. */
function receivedShapes({ operations, shapes }: ServiceModel): ReadonlySet<string> {
  const received = new Set<string>();
  const visit = (name: string): void => {
    if (received.has(name)) return;
    received.add(name);
    const { members = {}, member, key, value } = shapes[name] ?? {};
    for (const part of [...Object.values(members), member, key, value]) {
      if (part !== undefined) visit(part.shape);
    }
  };
  for (const { input } of Object.values(operations)) if (input !== undefined) visit(input.shape);
  return received;
}

/** Undefined for an operation that is refused as a whole. */
function fileOf(service: string, operation: string): string | undefined {
  const index = readFileSync(`${services}/${service}/operations/index.ts`, 'utf8');
  const handler = new RegExp(`\\b${operation}: (\\w+)`).exec(index)?.[1];
  const file = new RegExp(`import \\{[^}]*\\b${handler}\\b[^}]*\\} from '(\\./[^']+)'`).exec(index)?.[1];
  return file === undefined ? undefined : resolve(`${services}/${service}/operations`, file);
}

/** All paths of members, `Tags.Key`; what is below a member in `closed` is left out. */
function membersOf(model: ServiceModel, root: string, closed: ReadonlySet<string>): string[] {
  const paths: string[] = [];
  const seen = new Set<string>();
  const visit = (shapeName: string, path: string): void => {
    if (seen.has(shapeName)) return;
    seen.add(shapeName);
    const shape = model.shapes[shapeName];
    for (const [name, { shape: inner }] of Object.entries(shape?.members ?? {})) {
      paths.push(path + name);
      if (!closed.has(name)) visit(inner, `${path}${name}.`);
    }
    for (const part of [shape?.member, shape?.key, shape?.value]) {
      if (part !== undefined) visit(part.shape, path);
    }
  };
  visit(root, '');
  return paths;
}

/** The words of files and of what they import from their service, comments aside. */
function wordsOf(service: string, files: readonly string[]): ReadonlySet<string> {
  const words = new Set<string>();
  const seen = new Set<string>();
  const todo = [...files];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file) || !file.endsWith('.ts')) continue;
    seen.add(file);
    const text = codeOf(file);
    const own = wordsIn(text);
    for (const word of own) words.add(word);
    // Members whose names are made: Checksum${algorithm}
    if (text.includes('`Checksum${')) {
      for (const algorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'])
        words.add(`Checksum${algorithm}`);
    }
    for (const imported of new Set(importsOf(file, text).values())) {
      const isOfService = [`${services}/${service}/`, deliveries].some((folder) =>
        imported.startsWith(folder),
      );
      if (!isOfService || imported.endsWith('operations/index.ts')) continue;
      if (imported.endsWith('/context.ts')) todo.push(...partsOf(imported, own));
      else todo.push(imported);
    }
  }
  return words;
}

/** Files of the parts of a context that code names: an operation does not read what others leave to other parts. */
function partsOf(contextFile: string, named: ReadonlySet<string>): string[] {
  const text = codeOf(contextFile);
  const imports = importsOf(contextFile, text);
  return [...text.matchAll(/readonly (\w+)\??:([^;]+);/g)].flatMap(([, part = '', type = '']) =>
    named.has(part) ? [...wordsIn(type)].flatMap((name) => imports.get(name) ?? []) : [],
  );
}

function codeOf(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\w+/g));
}

/** The files that relative imports name, by the names that they import. */
function importsOf(file: string, text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^import ([^;]*?) from '(\.[^']+)'/gms)].flatMap(([, names = '', path = '']) =>
      [...wordsIn(names)].map((name): [string, string] => [name, resolve(dirname(file), path)]),
    ),
  );
}
