import { declaredForm } from '../../declarations/declared-form.ts';
import { declaredName } from '../../declarations/model-reader.ts';
import { compact, type Description, undeclaredParts } from '../../declarations/description.ts';
import { parseArn } from '../../aws/arn.ts';
import api from './api.json' with { type: 'json' };
import type { DeliveryStream } from './delivery-stream.ts';
import type { DeliveryStreams } from './delivery-streams.ts';

/** All delivery streams. Secrets of HTTP endpoints are left out. */
export function describeDeliveryStreams(deliveryStreams: DeliveryStreams): Description {
  const all = deliveryStreams.list().filter(({ row }) => row.deleting !== true);
  return {
    sections: {
      deliveryStreams: Object.fromEntries(all.map((stream) => [stream.name, declaredStream(stream)])),
    },
    imports: all
      .filter(({ row }) => row.destination.kind !== 'Database')
      .map(({ name, arn }) => ({ type: 'aws_kinesis_firehose_delivery_stream', name, id: arn })),
    undeclared: all.flatMap(({ name, row: { destination } }) =>
      undeclaredParts(`deliveryStreams.${name}`, {
        'the access key of its endpoint':
          destination.kind === 'HttpEndpoint' &&
          destination.settings.EndpointConfiguration.AccessKey !== undefined,
        'its database': destination.kind === 'Database',
      }),
    ),
  };
}

function declaredStream({ row }: DeliveryStream): Record<string, unknown> {
  const { source, destination, encryption } = row;
  const isRead = source.type === 'KinesisStreamAsSource';
  return compact({
    stream: isRead ? parseArn(source.streamArn)?.resource.replace(/^stream\//, '') : undefined,
    retentionHours: isRead ? undefined : source.retentionHours,
    deliveryStreamEncryptionConfigurationInput:
      encryption?.enabled === true
        ? compact({ keyType: encryption.keyType, keyARN: encryption.keyArn })
        : undefined,
    ...declaredDestination(destination),
    tags: row.tags,
  });
}

/** The settings are in the form that Describe returns, in which some members have other names than in the input. */
function declaredDestination({ kind, settings }: DeliveryStream['row']['destination']) {
  switch (kind) {
    case 'Database':
      return {};
    case 'S3':
      return form('ExtendedS3DestinationConfiguration', {
        ...settings,
        S3BackupConfiguration: settings.S3BackupDescription,
      });
    case 'HttpEndpoint':
      return form('HttpEndpointDestinationConfiguration', {
        ...settings,
        S3Configuration: settings.S3DestinationDescription,
      });
    case 'Iceberg':
      return form('IcebergDestinationConfiguration', {
        ...settings,
        S3Configuration: settings.S3DestinationDescription,
      });
  }
}

/** A secret, and what a declaration does not have. */
const LEFT_OUT = { HttpEndpointAccessKey: () => undefined, EncryptionConfiguration: () => undefined };

function form(shape: string, settings: object): Record<string, unknown> {
  return { [declaredName(shape)]: declaredForm(api, shape, settings, LEFT_OUT) };
}
