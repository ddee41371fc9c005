import type { BatchResultErrorEntry, PublishBatchInput, PublishBatchResponse } from '@aws-sdk/client-sns';
import { ServiceError } from '../../../errors.ts';
import { limits } from '../../../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import {
  batchIdsNotDistinct,
  batchRequestTooLong,
  emptyBatchRequest,
  invalidBatchEntryId,
  tooManyEntries,
} from '../errors.ts';
import { messageBytes, parseMessage } from '../message-input.ts';
import type { Message } from '../publisher.ts';

/** Sends up to ten messages to a topic; those that are wrong are told one by one, the others are sent, all or none. */
export async function publishBatch(
  { topics, publisher }: SnsContext,
  input: Checked<PublishBatchInput>,
  _call: CallContext,
): Promise<PublishBatchResponse> {
  const entries = input.PublishBatchRequestEntries;
  if (entries.length === 0) throw emptyBatchRequest();
  if (entries.length > limits.snsBatchEntriesMax) throw tooManyEntries();
  if (entries.some(({ Id }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id))) throw invalidBatchEntryId();
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) throw batchIdsNotDistinct();
  const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0);
  if (bytes > limits.snsMessageBytesMax) throw batchRequestTooLong();
  topics.require(input.TopicArn);
  const good: { readonly id: string; readonly message: Message }[] = [];
  const failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      good.push({ id: entry.Id, message: parseMessage(entry) });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  const ids = await publisher.publish(
    input.TopicArn,
    good.map(({ message }) => message),
  );
  return { Successful: good.map(({ id }, index) => ({ Id: id, MessageId: ids[index] })), Failed: failed };
}
