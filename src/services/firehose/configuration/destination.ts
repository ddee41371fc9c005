import type {
  CreateDeliveryStreamInput,
  DestinationDescription,
  UpdateDestinationInput,
} from '@aws-sdk/client-firehose';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument, notSupported } from '../errors.ts';
import { describeS3, newS3Settings, s3SettingsOf, updatedS3Settings } from './s3.ts';
import type { S3Settings, SourceFacts } from './settings.ts';

/** A destination as it is stored: what Describe answers, with all defaults. */
export type StoredDestination = { readonly kind: 'S3'; readonly settings: S3Settings };

/** There is one destination, and its id never changes. */
export const DESTINATION_ID = 'destinationId-000000000001';

const UNSUPPORTED = {
  RedshiftDestinationConfiguration: 'Amazon Redshift',
  ElasticsearchDestinationConfiguration: 'Amazon Elasticsearch Service',
  AmazonopensearchserviceDestinationConfiguration: 'Amazon OpenSearch Service',
  AmazonOpenSearchServerlessDestinationConfiguration: 'Amazon OpenSearch Serverless',
  SplunkDestinationConfiguration: 'Splunk',
  SnowflakeDestinationConfiguration: 'Snowflake',
  HttpEndpointDestinationConfiguration: 'HTTP endpoint',
  IcebergDestinationConfiguration: 'Apache Iceberg',
} as const;

const UNSUPPORTED_UPDATES = {
  RedshiftDestinationUpdate: 'Amazon Redshift',
  ElasticsearchDestinationUpdate: 'Amazon Elasticsearch Service',
  AmazonopensearchserviceDestinationUpdate: 'Amazon OpenSearch Service',
  AmazonOpenSearchServerlessDestinationUpdate: 'Amazon OpenSearch Serverless',
  SplunkDestinationUpdate: 'Splunk',
  SnowflakeDestinationUpdate: 'Snowflake',
  HttpEndpointDestinationUpdate: 'HTTP endpoint',
  IcebergDestinationUpdate: 'Apache Iceberg',
} as const;

/** Throws InvalidArgumentException. */
export function newDestination(
  input: Checked<CreateDeliveryStreamInput>,
  facts: SourceFacts,
): StoredDestination {
  refuse(input, UNSUPPORTED);
  const { S3DestinationConfiguration: simple, ExtendedS3DestinationConfiguration: extended } = input;
  if ((simple === undefined) === (extended === undefined)) {
    throw invalidArgument('Exactly one destination configuration is supported for a Firehose');
  }
  const configuration = extended ?? simple;
  if (configuration === undefined) throw invalidArgument('A destination configuration is required.');
  return { kind: 'S3', settings: newS3Settings(configuration, facts) };
}

/** Members that are not given keep their values. Throws InvalidArgumentException. */
export function updatedDestination(
  present: StoredDestination,
  input: Checked<UpdateDestinationInput>,
  facts: SourceFacts,
): StoredDestination {
  refuse(input, UNSUPPORTED_UPDATES);
  const { S3DestinationUpdate: simple, ExtendedS3DestinationUpdate: extended } = input;
  const update = extended ?? simple;
  if (update === undefined || (simple !== undefined && extended !== undefined)) {
    throw invalidArgument('Exactly one destination update is supported for a Firehose');
  }
  return { kind: 'S3', settings: updatedS3Settings(present.settings, update, facts) };
}

export function describeDestination({ settings }: StoredDestination): DestinationDescription {
  return {
    DestinationId: DESTINATION_ID,
    S3DestinationDescription: s3SettingsOf(settings),
    ExtendedS3DestinationDescription: describeS3(settings),
  };
}

function refuse(input: object, unsupported: Readonly<Record<string, string>>): void {
  for (const [member, what] of Object.entries(unsupported)) {
    if (member in input) throw notSupported(`${member}: ${what} destinations`);
  }
}
