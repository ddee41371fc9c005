import type { ExtendedS3DestinationDescription, S3DestinationDescription } from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';

/** Settings in the form that Describe returns, with all defaults. */
export type S3Settings = Checked<ExtendedS3DestinationDescription>;
/** Settings of the backup of source records. */
export type PlainS3Settings = Checked<S3DestinationDescription>;

/** The resources that a destination's options are checked against. */
export interface SourceInfo {
  readonly sourceType: 'DirectPut' | 'KinesisStreamAsSource';
  readonly streamName: string;
}
