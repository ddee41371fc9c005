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
  recordFormatType: required(oneOf('JSON', 'STRING', 'BYTE_ARRAY')),
  compressionType: withDefault(oneOf('NONE', 'GZIP', 'ZSTD'), 'NONE'),
  dataFreshnessInSeconds: optional(wholeNumber(1)),
  outputKeyTemplate: optional(text()),
  errorOutputPrefix: optional(text()),
  tags: optional(tags),
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
    retentionPeriodHours: optional(wholeNumber(1)),
    encryptionType: optional(oneOf('KMS', 'NONE')),
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
