import type {
  HttpEndpointDestinationConfiguration,
  HttpEndpointDestinationDescription,
  HttpEndpointDestinationUpdate,
} from '@aws-sdk/client-firehose';
import { DeliveryConfigurationError } from '../../../delivery/configuration-error.ts';
import { processingSettings, type ProcessingSettings } from '../../../delivery/processing/configuration.ts';
import type { Checked } from '../../../protocol/service.ts';
import { invalidArgument, notSupported } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';
import { objectNames } from './object-names.ts';
import { canonicalProcessing, checkProcessingUpdate, updatedProcessing } from './processors.ts';
import { checkPlain, plainSettings } from './s3.ts';
import type { PlainS3Settings, SourceInfo } from './settings.ts';

type Configuration = Checked<HttpEndpointDestinationConfiguration>;
type Update = Checked<HttpEndpointDestinationUpdate>;

/** Settings in the form that Describe returns, with all defaults, and with the access key, which Describe omits. */
export type HttpSettings = Omit<Checked<HttpEndpointDestinationDescription>, 'S3DestinationDescription'> & {
  readonly EndpointConfiguration: Configuration['EndpointConfiguration'];
  readonly BufferingHints: PlainS3Settings['BufferingHints'];
  readonly S3DestinationDescription: PlainS3Settings;
};

/** Throws InvalidArgumentException. */
export function newHttpSettings(given: Configuration, info: SourceInfo): HttpSettings {
  const { S3Configuration: s3, ...own } = given;
  const { bufferMiBDefault, bufferSecondsDefault, httpRetrySecondsDefault } = firehoseLimits;
  const settings: HttpSettings = {
    BufferingHints: { SizeInMBs: bufferMiBDefault, IntervalInSeconds: bufferSecondsDefault },
    CloudWatchLoggingOptions: { Enabled: false },
    RequestConfiguration: { ContentEncoding: 'NONE', CommonAttributes: [] },
    RetryOptions: { DurationInSeconds: httpRetrySecondsDefault },
    S3BackupMode: 'FailedDataOnly',
    ...own,
    ProcessingConfiguration: updatedProcessing(undefined, own.ProcessingConfiguration),
    S3DestinationDescription: plainSettings(s3),
  };
  return checked(settings, info);
}

/** Absent members keep their values. Throws InvalidArgumentException. */
export function updatedHttpSettings(present: HttpSettings, given: Update, info: SourceInfo): HttpSettings {
  const { S3Update: s3, EndpointConfiguration: endpoint, ...own } = given;
  const settings: HttpSettings = {
    ...present,
    ...own,
    ProcessingConfiguration: updatedProcessing(present.ProcessingConfiguration, own.ProcessingConfiguration),
    ...(endpoint !== undefined && { EndpointConfiguration: endpoint }),
    ...(s3 !== undefined && { S3DestinationDescription: { ...present.S3DestinationDescription, ...s3 } }),
  };
  checkProcessingUpdate(present.ProcessingConfiguration, settings.ProcessingConfiguration);
  return checked(settings, info);
}

/** The settings without the access key. */
export function describeHttp(settings: HttpSettings): HttpEndpointDestinationDescription {
  const { AccessKey: _secret, ...EndpointConfiguration } = settings.EndpointConfiguration;
  return { ...settings, EndpointConfiguration };
}

/** Throws DeliveryConfigurationError. */
export function httpProcessing({ ProcessingConfiguration = {} }: HttpSettings): ProcessingSettings {
  return processingSettings(ProcessingConfiguration, { dynamicPartitioning: false, partitionKeys: [] });
}

export function commonAttributesOf({ RequestConfiguration }: HttpSettings): Record<string, string> {
  const attributes = RequestConfiguration?.CommonAttributes ?? [];
  return Object.fromEntries(
    attributes.map(({ AttributeName, AttributeValue }) => [AttributeName, AttributeValue]),
  );
}

function checked(settings: HttpSettings, info: SourceInfo): HttpSettings {
  checkHttp(settings, info);
  const { ProcessingConfiguration = {} } = settings;
  const roleArn = settings.RoleARN ?? settings.S3DestinationDescription.RoleARN;
  return { ...settings, ProcessingConfiguration: canonicalProcessing(ProcessingConfiguration, roleArn) };
}

function checkHttp(settings: HttpSettings, info: SourceInfo): void {
  const { BufferingHints, CloudWatchLoggingOptions, S3DestinationDescription: s3 } = settings;
  checkPlain({ ...s3, BufferingHints, ...(CloudWatchLoggingOptions && { CloudWatchLoggingOptions }) });
  checkPlain(s3);
  if (settings.SecretsManagerConfiguration?.Enabled === true) {
    throw notSupported('SecretsManagerConfiguration: it has no secrets manager; give the AccessKey');
  }
  if (!URL.canParse(settings.EndpointConfiguration.Url)) {
    throw invalidArgument('EndpointConfiguration: Url is not a URL.');
  }
  const names = (settings.RequestConfiguration?.CommonAttributes ?? []).map(
    ({ AttributeName }) => AttributeName,
  );
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw invalidArgument(`Http Endpoint Common Attributes have duplicate name ${twice}`);
  }
  try {
    httpProcessing(settings);
    objectNames(s3, info.streamName);
  } catch (error) {
    if (error instanceof DeliveryConfigurationError) throw invalidArgument(error.message);
    throw error;
  }
}
