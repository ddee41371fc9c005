import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { Firehose } from '../context.ts';
import { createDeliveryStream } from './create-delivery-stream.ts';
import { deleteDeliveryStream } from './delete-delivery-stream.ts';
import { describeDeliveryStream } from './describe-delivery-stream.ts';
import { flushDeliveryStream } from './flush-delivery-stream.ts';
import { getDeliveryStreamProgress } from './get-delivery-stream-progress.ts';
import { listDeliveryStreams } from './list-delivery-streams.ts';
import { listTagsForDeliveryStream } from './list-tags-for-delivery-stream.ts';
import { putRecord } from './put-record.ts';
import { putRecordBatch } from './put-record-batch.ts';
import { startDeliveryStreamEncryption } from './start-delivery-stream-encryption.ts';
import { stopDeliveryStreamEncryption } from './stop-delivery-stream-encryption.ts';
import { tagDeliveryStream } from './tag-delivery-stream.ts';
import { untagDeliveryStream } from './untag-delivery-stream.ts';
import { updateDestination } from './update-destination.ts';

/** All operations of Firehose, and two that only nagare has. */
export const operations = {
  CreateDeliveryStream: createDeliveryStream,
  DeleteDeliveryStream: deleteDeliveryStream,
  DescribeDeliveryStream: describeDeliveryStream,
  FlushDeliveryStream: flushDeliveryStream,
  GetDeliveryStreamProgress: getDeliveryStreamProgress,
  ListDeliveryStreams: listDeliveryStreams,
  ListTagsForDeliveryStream: listTagsForDeliveryStream,
  PutRecord: putRecord,
  PutRecordBatch: putRecordBatch,
  StartDeliveryStreamEncryption: startDeliveryStreamEncryption,
  StopDeliveryStreamEncryption: stopDeliveryStreamEncryption,
  TagDeliveryStream: tagDeliveryStream,
  UntagDeliveryStream: untagDeliveryStream,
  UpdateDestination: updateDestination,
} satisfies OperationTable<Firehose, keyof typeof api.operations>;
