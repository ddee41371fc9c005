import type { ExtendedS3DestinationDescription, S3DestinationDescription } from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';

/** In the form in which Describe answers, with all defaults. */
export type S3Settings = Checked<ExtendedS3DestinationDescription>;
/** Of the backup of source records. */
export type PlainS3Settings = Checked<S3DestinationDescription>;

/** What a destination's options are checked against. */
export interface SourceFacts {
  readonly sourceType: 'DirectPut' | 'KinesisStreamAsSource';
  readonly streamName: string;
}
