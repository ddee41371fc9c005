import type { CreateDeliveryStreamInput } from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument, notSupported } from '../errors.ts';

/** The source of a new delivery stream. */
export type NewSource = DirectPutSource | StreamSource;

export interface DirectPutSource {
  readonly type: 'DirectPut';
  readonly throughputHintMiBps?: number;
  /** Undelivered records are dropped at this age. Undefined means never. */
  readonly retentionHours?: number;
}

export interface StreamSource {
  readonly type: 'KinesisStreamAsSource';
  readonly streamArn: string;
  readonly roleArn: string;
  /** `nagare.yaml` declares the source without a role: no policies limit it. */
  readonly isUnlimited?: boolean;
}

/** Throws InvalidArgumentException. */
export function newSource(input: Checked<CreateDeliveryStreamInput>): NewSource {
  const { DeliveryStreamType: type = 'DirectPut', KinesisStreamSourceConfiguration: kinesis } = input;
  if (type === 'MSKAsSource' || input.MSKSourceConfiguration !== undefined) {
    throw notSupported('MSKAsSource: Amazon MSK as a source');
  }
  if (type === 'DatabaseAsSource' || input.DatabaseSourceConfiguration !== undefined) {
    throw notSupported('DatabaseAsSource: databases as sources');
  }
  const direct = input.DirectPutSourceConfiguration;
  if (type === 'KinesisStreamAsSource') {
    if (kinesis === undefined) {
      throw invalidArgument('KinesisStreamSourceConfiguration must be specified for KinesisStreamAsSource.');
    }
    if (direct !== undefined) {
      throw invalidArgument('DirectPutSourceConfiguration is only for delivery streams of type DirectPut.');
    }
    if (input.DeliveryStreamEncryptionConfigurationInput !== undefined) {
      throw invalidArgument(
        'A delivery stream with a Kinesis stream as its source uses the server-side encryption of that stream.',
      );
    }
    return { type, streamArn: kinesis.KinesisStreamARN, roleArn: kinesis.RoleARN };
  }
  if (kinesis !== undefined) {
    throw invalidArgument(
      'KinesisStreamSourceConfiguration is only for delivery streams of type KinesisStreamAsSource.',
    );
  }
  return direct === undefined ? { type } : { type, throughputHintMiBps: direct.ThroughputHintInMBs };
}
