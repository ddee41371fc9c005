import type { OperationTable } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { Firehose, FirehoseReads } from '../context.ts';
import { createDeliveryStream } from './create-delivery-stream.ts';
import { deleteDeliveryStream } from './delete-delivery-stream.ts';
import { describeDeliveryStream, readDeliveryStream } from './describe-delivery-stream.ts';
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

type OperationName = keyof typeof api.operations;

/** What a machine answers that follows the owner of a shared log. */
export const reads = {
  DescribeDeliveryStream: readDeliveryStream,
  ListDeliveryStreams: listDeliveryStreams,
  ListTagsForDeliveryStream: listTagsForDeliveryStream,
} satisfies Partial<OperationTable<FirehoseReads, OperationName>>;

/** All operations of Firehose, and two that only nagare has. */
export const operations = {
  CreateDeliveryStream: createDeliveryStream,
  DeleteDeliveryStream: deleteDeliveryStream,
  ...reads,
  DescribeDeliveryStream: describeDeliveryStream,
  FlushDeliveryStream: flushDeliveryStream,
  GetDeliveryStreamProgress: getDeliveryStreamProgress,
  PutRecord: putRecord,
  PutRecordBatch: putRecordBatch,
  StartDeliveryStreamEncryption: startDeliveryStreamEncryption,
  StopDeliveryStreamEncryption: stopDeliveryStreamEncryption,
  TagDeliveryStream: tagDeliveryStream,
  UntagDeliveryStream: untagDeliveryStream,
  UpdateDestination: updateDestination,
} satisfies OperationTable<Firehose, OperationName>;
