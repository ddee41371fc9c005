import type { DeliveryStreamDescription, SourceDescription } from '@aws-sdk/client-firehose';
import { describeDestination, DESTINATION_ID } from './configuration/destination.ts';
import type { DeliveryStreamList } from './delivery-stream-list.ts';
import type { DeliveryStreamRow } from './rows.ts';

/** `afterDestination` is ExclusiveStartDestinationId: there is one destination. */
export function describe(
  deliveryStreams: DeliveryStreamList,
  row: DeliveryStreamRow,
  afterDestination: string | undefined,
): DeliveryStreamDescription {
  const isShown = afterDestination === undefined || afterDestination < DESTINATION_ID;
  return {
    DeliveryStreamName: row.name,
    DeliveryStreamARN: deliveryStreams.arnOf(row.name),
    DeliveryStreamStatus: deliveryStreams.statusOf(row),
    DeliveryStreamEncryptionConfiguration: encryptionOf(row),
    DeliveryStreamType: row.source.type,
    VersionId: String(row.version),
    CreateTimestamp: new Date(row.createdMs),
    LastUpdateTimestamp: row.updatedMs === undefined ? undefined : new Date(row.updatedMs),
    Source: sourceOf(row),
    Destinations: isShown ? [describeDestination(row.destination)] : [],
    HasMoreDestinations: false,
  };
}

function encryptionOf({ source, encryption }: DeliveryStreamRow) {
  if (source.type !== 'DirectPut') return undefined;
  if (encryption?.enabled !== true) return { Status: 'DISABLED' as const };
  return { Status: 'ENABLED' as const, KeyType: encryption.keyType, KeyARN: encryption.keyArn };
}

function sourceOf({ source }: DeliveryStreamRow): SourceDescription | undefined {
  if (source.type === 'KinesisStreamAsSource') {
    const { streamArn, roleArn, startMs } = source;
    return {
      KinesisStreamSourceDescription: {
        KinesisStreamARN: streamArn,
        RoleARN: roleArn,
        DeliveryStartTimestamp: new Date(startMs),
      },
    };
  }
  const { throughputHintMiBps } = source;
  if (throughputHintMiBps === undefined) return undefined;
  return { DirectPutSourceDescription: { ThroughputHintInMBs: throughputHintMiBps } };
}
