import type { CreateStreamInput } from '@aws-sdk/client-kinesis';
import { section } from '../../../config/declarations.ts';
import { streamLimitsReader } from '../../../config/limits-reader.ts';
import {
  fields,
  described,
  listOf,
  namesTo,
  oneOf,
  optional,
  required,
  text,
  variable,
  wholeNumber,
  withDefault,
  type ValueOf,
} from '../../../config/yaml-reader.ts';
import { ModelInput } from '../../../declarations/model-reader.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };

const tags = namesTo(variable);

export const streamInput = new ModelInput<Checked<CreateStreamInput>>(api, 'CreateStreamInput', {
  TagMap: tags,
});

const channel = fields({
  bucket: required(described('The name of a bucket', text())),
  recordFormatType: required(
    described(
      'How records become lines of objects, as in CreateChannel',
      oneOf('JSON', 'STRING', 'BYTE_ARRAY'),
    ),
  ),
  compressionType: withDefault(described('Of the objects', oneOf('NONE', 'GZIP', 'ZSTD')), 'NONE'),
  dataFreshnessInSeconds: optional(
    described('The greatest age that a record reaches before it is delivered', wholeNumber(1)),
  ),
  outputKeyTemplate: optional(described('Names of the objects; docs/channels.md', text())),
  errorOutputPrefix: optional(described('Prefix of the objects for refused records', text())),
  tags: optional(described('Tags of the channel', tags)),
});

const stream = streamInput.reader({
  members: ['ShardCount', 'MaxRecordSizeInKiB', 'RecordDistributionStrategy', 'WarmThroughputMiBps', 'Tags'],
  own: {
    streamMode: optional(
      described(
        'PROVISIONED for a new stream by default; one that is there keeps its mode',
        oneOf('PROVISIONED', 'ON_DEMAND'),
      ),
    ),
    retentionPeriodHours: optional(described('24 for a new stream by default, 8760 at most', wholeNumber(1))),
    encryptionType: optional(described('KMS encrypts records at rest', oneOf('KMS', 'NONE'))),
    keyId: optional(described('Shown as AWS shows it; alias/aws/kinesis by default', text())),
    limits: optional(
      described('aws, none, or limits by name; otherwise those of all streams hold', streamLimitsReader),
    ),
    consumers: optional(described('Names of consumers with enhanced fan-out', listOf(text()))),
    channels: optional(described('Deliveries into buckets, by name', namesTo(channel))),
  },
});

export const streams = section('streams', stream);

export type DeclaredStream = ValueOf<typeof stream>;
export type DeclaredChannel = ValueOf<typeof channel>;
