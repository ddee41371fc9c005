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
import { policyReader } from '../../../declarations/policy-reader.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };

const tags = namesTo(variable);

export const streamInput = new ModelInput<Checked<CreateStreamInput>>(api, 'CreateStreamInput', {
  TagMap: tags,
});

const channel = fields({
  bucket: required(described('Bucket name', text())),
  recordFormatType: required(
    described(
      'How records are written to objects, as in CreateChannel',
      oneOf('JSON', 'STRING', 'BYTE_ARRAY'),
    ),
  ),
  compressionType: withDefault(
    described('Compression of the objects', oneOf('NONE', 'GZIP', 'ZSTD')),
    'NONE',
  ),
  dataFreshnessInSeconds: optional(
    described('Maximum age of a record before it is delivered', wholeNumber(1)),
  ),
  outputKeyTemplate: optional(described('Template for the keys of objects; see docs/channels.md', text())),
  errorOutputPrefix: optional(described('Prefix of the objects with rejected records', text())),
  tags: optional(described('Tags of the channel', tags)),
});

const stream = streamInput.reader({
  members: ['ShardCount', 'MaxRecordSizeInKiB', 'RecordDistributionStrategy', 'WarmThroughputMiBps', 'Tags'],
  own: {
    streamMode: optional(
      described(
        'Default for a new stream: PROVISIONED; an existing stream keeps its mode',
        oneOf('PROVISIONED', 'ON_DEMAND'),
      ),
    ),
    retentionPeriodHours: optional(described('Default for a new stream: 24; maximum: 8760', wholeNumber(1))),
    encryptionType: optional(described('KMS encrypts records at rest', oneOf('KMS', 'NONE'))),
    keyId: optional(described('Shown as on AWS; default: alias/aws/kinesis', text())),
    limits: optional(
      described('aws, none, or limits by name; default: the limits of all streams', streamLimitsReader),
    ),
    policy: optional(policyReader),
    consumers: optional(described('Names of consumers with enhanced fan-out', listOf(text()))),
    channels: optional(described('Deliveries to buckets, by name', namesTo(channel))),
  },
});

export const streams = section('streams', stream);

export type DeclaredStream = ValueOf<typeof stream>;
export type DeclaredChannel = ValueOf<typeof channel>;
