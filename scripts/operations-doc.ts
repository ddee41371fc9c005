import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import cloudwatchUnsupported from '../src/services/cloudwatch/unsupported.json' with { type: 'json' };
import { operations as cloudwatch } from '../src/services/cloudwatch/operations/index.ts';
import glueUnsupported from '../src/services/glue/unsupported.json' with { type: 'json' };
import { operations as glue } from '../src/services/glue/operations/index.ts';
import iamUnsupported from '../src/services/iam/unsupported.json' with { type: 'json' };
import { operations as iam } from '../src/services/iam/operations/index.ts';
import kinesisUnsupported from '../src/services/kinesis/unsupported.json' with { type: 'json' };
import { operations as kinesis } from '../src/services/kinesis/operations/index.ts';
import logsUnsupported from '../src/services/logs/unsupported.json' with { type: 'json' };
import { operations as logs } from '../src/services/logs/operations/index.ts';
import lambdaUnsupported from '../src/services/lambda/unsupported.json' with { type: 'json' };
import { operations as lambda } from '../src/services/lambda/operations/index.ts';
import { operations as firehose } from '../src/services/firehose/operations/index.ts';
import { operations as listlog } from '../src/services/listlog/operations/index.ts';
import type { Unsupported } from '../src/protocol/service.ts';
import s3Unsupported from '../src/services/s3/unsupported.json' with { type: 'json' };
import { operations as s3 } from '../src/services/s3/operations/index.ts';
import snsUnsupported from '../src/services/sns/unsupported.json' with { type: 'json' };
import { operations as sns } from '../src/services/sns/operations/index.ts';
import { operations as sqs } from '../src/services/sqs/operations/index.ts';
import stsUnsupported from '../src/services/sts/unsupported.json' with { type: 'json' };
import { operations as sts } from '../src/services/sts/operations/index.ts';
import taggingUnsupported from '../src/services/tagging/unsupported.json' with { type: 'json' };
import { operations as tagging } from '../src/services/tagging/operations/index.ts';
import { type Difference, kinesisDifferences } from './kinesis-differences.ts';

const root = new URL('..', import.meta.url);

/** docs/operations.md, generated from the registries and from the comments in the operations' files. */
export const file = new URL('docs/operations.md', root);

type Registry = Readonly<Record<string, Unsupported | object>>;

interface Section {
  readonly title: string;
  /** Below src/. */
  readonly folder: string;
  readonly registry: Registry;
  /** Other operations of AWS, some with their method and path. */
  readonly unsupported?: readonly string[];
  readonly note: string;
  readonly differences?: readonly Difference[];
}

const sections: readonly Section[] = [
  {
    title: 'Kinesis Data Streams',
    folder: 'services/kinesis/operations',
    registry: kinesis,
    unsupported: kinesisUnsupported,
    note: 'The API of November 2026 (botocore 1.44.8): all operations of streams, their consumers and channels. Queues are not supported.',
    differences: kinesisDifferences,
  },
  {
    title: 'Lambda',
    folder: 'services/lambda/operations',
    registry: lambda,
    unsupported: lambdaUnsupported,
    note: 'Functions with their versions, aliases and layers, and event source mappings; [what bounds a function](configuration.md#limits-of-functions). Function URLs, provisioned concurrency, code signing, capacity providers and durable functions are not supported.',
  },
  {
    title: 'CloudWatch Logs',
    folder: 'services/logs/operations',
    registry: logs,
    unsupported: logsUnsupported,
    note: 'Log groups and their events, of functions and of clients; [Logs](logs.md). Queries, filters and subscriptions are not supported.',
  },
  {
    title: 'S3',
    folder: 'services/s3/operations',
    registry: s3,
    unsupported: s3Unsupported,
    note: 'Buckets and objects, path style and virtual hosts. Tags, policies and public access blocks are supported. Versions, lists of access for others than the owner, lifecycles, notifications, replication and inventories are not: they read as never configured, and putting them fails with NotImplemented.',
  },
  {
    title: 'List logs',
    folder: 'services/listlog/operations',
    registry: listlog,
    note: "nagare's own service: JSON 1.1, target prefix `NagareListLog_20261101`; on the command line `nagare log`.",
  },
  {
    title: 'Data Firehose',
    folder: 'services/firehose/operations',
    registry: firehose,
    note: 'Delivery streams from direct puts and Kinesis streams to S3 and to [Iceberg tables](iceberg.md); [Firehose](firehose.md) has all options. Amazon MSK and databases as sources, and Redshift, OpenSearch, Splunk and Snowflake as destinations are not there.',
  },
  {
    title: 'CloudWatch',
    folder: 'services/cloudwatch/operations',
    registry: cloudwatch,
    unsupported: cloudwatchUnsupported,
    note: 'Metrics and alarms.',
  },
  {
    title: 'SNS',
    folder: 'services/sns/operations',
    registry: sns,
    unsupported: snsUnsupported,
    note: 'Topics with HTTP, HTTPS, Lambda and SQS subscriptions. A server has one region (`--region`): all topics are in it, whatever region a client uses.',
  },
  {
    title: 'SQS',
    folder: 'services/sqs/operations',
    registry: sqs,
    note: 'Standard and FIFO queues, in JSON and the query protocol; [Queues](sqs.md) says how they behave.',
  },
  {
    title: 'Glue',
    folder: 'services/glue/operations',
    registry: glue,
    unsupported: glueUnsupported,
    note: 'The table catalog: databases, tables and their versions, as schemas for Firehose and for Terraform. Partitions, crawlers, jobs and schema registries are not supported.',
  },
  {
    title: 'IAM',
    folder: 'services/iam/operations',
    registry: iam,
    unsupported: iamUnsupported,
    note: 'Users, groups, roles, policies and access keys, for Terraform and for simulations; [IAM](iam.md). With `--auth required`, policies decide what callers may do. Users have no passwords, MFA devices, certificates and SSH keys: lists of them are empty, and making one is refused by name. SAML providers and reports are refused too, and service-linked roles, because none of the services here has one on AWS for what nagare offers.',
  },
  {
    title: 'STS',
    folder: 'services/sts/operations',
    registry: sts,
    unsupported: stsUnsupported,
    note: 'Who the caller claims to be, and temporary credentials; [IAM](iam.md#temporary-credentials).',
  },
  {
    title: 'Resource Groups Tagging',
    folder: 'services/tagging/operations',
    registry: tagging,
    unsupported: taggingUnsupported,
    note: 'The tags of streams, consumers, channels, functions, event source mappings, queues, topics, buckets, alarms, dashboards, log groups, delivery streams and databases, together.',
  },
];

export function operationsDoc(): string {
  const head = `# Operations

The operations of each service. An unsupported operation or option is refused by name, never accepted and ignored. \`npm run docs\` generates this page from the registries and from the comments in the operations' files; a test keeps it accurate.
`;
  return [head, ...sections.map(sectionText)].join('\n');
}

function sectionText({ title, folder, registry, unsupported = [], note, differences }: Section): string {
  const names = Object.keys(registry).sort();
  const rows = names.map((name) => row(name, registry[name], folder));
  const supported = names.filter((name) => !isUnsupported(registry[name])).length;
  return `## ${title}

${note} ${supported} of ${names.length + unsupported.length} are supported.

| operation | supported | what it does, and how it differs from AWS |
|---|---|---|
${rows.join('\n')}
${unsupportedText(unsupported)}${differences === undefined ? '' : differencesText(title, differences)}`;
}

function unsupportedText(unsupported: readonly string[]): string {
  if (unsupported.length === 0) return '';
  return `\nUnsupported, and refused by name: ${unsupported.map((line) => line.split(' ')[0]).join(', ')}.\n`;
}

function differencesText(title: string, differences: readonly Difference[]): string {
  const lines = differences.map(({ here, onAws, test: [path, name] }) => {
    return `| ${here} | ${onAws} | [${name}](../test/${path}) |`;
  });
  return `
### Where ${title} differs from AWS

Everything else is intended to be the same, including errors and their messages. The suites in [test/conformance](../test/conformance/README.md) can run on both.

| nagare | AWS | test |
|---|---|---|
${lines.join('\n')}
`;
}

function row(name: string, operation: object | undefined, folder: string): string {
  if (isUnsupported(operation)) return `| ${name} | no | ${operation.unsupported} |`;
  const path = new URL(`src/${folder}/${kebab(name)}.ts`, root);
  const link = `../${relative(fileURLToPath(root), fileURLToPath(path))}`;
  return `| [${name}](${link}) | yes | ${firstComment(path).replaceAll('|', '\\|')} |`;
}

function isUnsupported(operation: object | undefined): operation is Unsupported {
  return operation !== undefined && 'unsupported' in operation;
}

/** `ListObjectsV2` lies in `list-objects-v2.ts`. */
function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** The comment on the handler, without links: the description in each operation's file. */
function firstComment(path: URL): string {
  const text = readFileSync(path, 'utf8');
  const comments = [
    ...text.matchAll(/\/\*\*(?<body>(?:[^*]|\*(?!\/))*)\*\/\s*export (?:async )?(?:function|const) /g),
  ];
  const body = comments.at(0)?.groups?.['body'];
  if (body === undefined) throw new Error(`${path.pathname} does not say what the operation does`);
  return body
    .split('\n')
    .map((line) => line.replace(/^\s*\*\s?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('http'))
    .join(' ');
}

if (import.meta.main) writeFileSync(file, operationsDoc());
