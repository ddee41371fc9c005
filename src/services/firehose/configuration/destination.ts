import type {
  CreateDeliveryStreamInput,
  DestinationDescription,
  UpdateDestinationInput,
} from '@aws-sdk/client-firehose';
import { isDeepStrictEqual } from 'node:util';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument, notSupported } from '../errors.ts';
import type { DatabaseSettings } from './database.ts';
import { describeHttp, type HttpSettings, newHttpSettings, updatedHttpSettings } from './http.ts';
import { type IcebergSettings, newIcebergSettings, updatedIcebergSettings } from './iceberg.ts';
import { describeS3, newS3Settings, s3SettingsOf, updatedS3Settings } from './s3.ts';
import type { S3Settings, SourceInfo } from './settings.ts';

/** A stored destination, in the form that Describe returns, with all defaults. */
export type StoredDestination =
  | { readonly kind: 'S3'; readonly settings: S3Settings }
  | { readonly kind: 'Iceberg'; readonly settings: IcebergSettings }
  | { readonly kind: 'HttpEndpoint'; readonly settings: HttpSettings }
  | { readonly kind: 'Database'; readonly settings: DatabaseSettings };

/** The id of a delivery stream's only destination; it never changes. */
export const DESTINATION_ID = 'destinationId-000000000001';

const UNSUPPORTED = {
  RedshiftDestinationConfiguration: 'Amazon Redshift',
  ElasticsearchDestinationConfiguration: 'Amazon Elasticsearch Service',
  AmazonopensearchserviceDestinationConfiguration: 'Amazon OpenSearch Service',
  AmazonOpenSearchServerlessDestinationConfiguration: 'Amazon OpenSearch Serverless',
  SplunkDestinationConfiguration: 'Splunk',
  SnowflakeDestinationConfiguration: 'Snowflake',
} as const;

const UNSUPPORTED_UPDATES = {
  RedshiftDestinationUpdate: 'Amazon Redshift',
  ElasticsearchDestinationUpdate: 'Amazon Elasticsearch Service',
  AmazonopensearchserviceDestinationUpdate: 'Amazon OpenSearch Service',
  AmazonOpenSearchServerlessDestinationUpdate: 'Amazon OpenSearch Serverless',
  SplunkDestinationUpdate: 'Splunk',
  SnowflakeDestinationUpdate: 'Snowflake',
} as const;

/** Throws InvalidArgumentException. */
export function newDestination(
  input: Checked<CreateDeliveryStreamInput>,
  info: SourceInfo,
): StoredDestination {
  refuse(input, UNSUPPORTED);
  const {
    S3DestinationConfiguration: simple,
    ExtendedS3DestinationConfiguration: extended,
    IcebergDestinationConfiguration: iceberg,
    HttpEndpointDestinationConfiguration: http,
  } = input;
  if ([simple, extended, iceberg, http].filter((one) => one !== undefined).length !== 1) {
    throw invalidArgument('Exactly one destination configuration is supported for a Firehose');
  }
  if (iceberg !== undefined) return { kind: 'Iceberg', settings: newIcebergSettings(iceberg, info) };
  if (http !== undefined) return { kind: 'HttpEndpoint', settings: newHttpSettings(http, info) };
  const configuration = extended ?? simple;
  if (configuration === undefined) throw invalidArgument('A destination configuration is required.');
  return { kind: 'S3', settings: newS3Settings(configuration, info) };
}

/** Absent members keep their values. Throws InvalidArgumentException. */
export function updatedDestination(
  present: StoredDestination,
  input: Checked<UpdateDestinationInput>,
  info: SourceInfo,
): StoredDestination {
  refuse(input, UNSUPPORTED_UPDATES);
  const {
    S3DestinationUpdate: simple,
    ExtendedS3DestinationUpdate: extended,
    IcebergDestinationUpdate: iceberg,
    HttpEndpointDestinationUpdate: http,
  } = input;
  const given = [simple, extended, iceberg, http].filter((one) => one !== undefined).length;
  if (given === 0) {
    throw invalidArgument('At least one destination or source configuration update must be provided');
  }
  if (given > 1) throw invalidArgument('Exactly one destination update is supported for a Firehose');
  const update = extended ?? simple;
  if (present.kind === 'Database') {
    throw invalidArgument('This destination is a database: change it in the nagare.yaml that declares it.');
  }
  if (present.kind === 'Iceberg') {
    if (iceberg === undefined) throw otherKind('IcebergDestinationUpdate');
    return { kind: 'Iceberg', settings: updatedIcebergSettings(present.settings, iceberg, info) };
  }
  if (present.kind === 'HttpEndpoint') {
    if (http === undefined) throw otherKind('HttpEndpointDestinationUpdate');
    return { kind: 'HttpEndpoint', settings: updatedHttpSettings(present.settings, http, info) };
  }
  if (update === undefined) throw otherKind('ExtendedS3DestinationUpdate');
  return { kind: 'S3', settings: updatedS3Settings(present.settings, update, info) };
}

/** Whether both are stored alike: members that are undefined are not stored. */
export function areSame(left: StoredDestination, right: StoredDestination): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(left)), JSON.parse(JSON.stringify(right)));
}

function otherKind(member: string) {
  return invalidArgument(`The type of a destination cannot be changed. Use ${member}.`);
}

export function describeDestination({ kind, settings }: StoredDestination): DestinationDescription {
  // AWS's model has no such destination: its id is what all SDKs take. GetDeliveryStreamProgress describes it.
  if (kind === 'Database') return { DestinationId: DESTINATION_ID };
  if (kind === 'Iceberg') {
    return { DestinationId: DESTINATION_ID, IcebergDestinationDescription: settings };
  }
  if (kind === 'HttpEndpoint') {
    return { DestinationId: DESTINATION_ID, HttpEndpointDestinationDescription: describeHttp(settings) };
  }
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
