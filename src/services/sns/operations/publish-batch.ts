import type { PublishBatchInput, PublishBatchResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import {
  batchEntryIdTooLong,
  batchIdsNotDistinct,
  batchRequestTooLong,
  emptyBatchRequest,
  invalidBatchEntryId,
  tooManyEntries,
} from '../errors.ts';
import { snsLimits } from '../limits.ts';
import { messageBytes, parseMessage } from '../message-input.ts';

/**
 * Publishes up to ten messages to a topic, all or none. An invalid entry fails the call, as on AWS, so no response has
 * entries in Failed. A retry with the same amz-sdk-invocation-id publishes nothing again.
 */
export async function publishBatch(
  { topics, publisher, traces }: SnsContext,
  input: Checked<PublishBatchInput>,
  { invocationId, http }: CallContext,
): Promise<PublishBatchResponse> {
  const entries = input.PublishBatchRequestEntries;
  if (entries.length === 0) throw emptyBatchRequest();
  if (entries.length > snsLimits.batchEntriesMax) throw tooManyEntries();
  topics.require(input.TopicArn);
  checkIds(entries.map(({ Id }) => Id));
  const bytes = entries.reduce((sum, entry) => sum + messageBytes(entry), 0);
  if (bytes > snsLimits.messageBytesMax) throw batchRequestTooLong();
  const messages = entries.map((entry) => parseMessage(entry));
  const messageIds = await publisher.publish(input.TopicArn, messages, {
    invocationId,
    trace: traces.of(http),
  });
  return {
    Successful: entries.map(({ Id }, index) => ({ Id, MessageId: messageIds[index] })),
    Failed: [],
  };
}

function checkIds(ids: readonly string[]): void {
  if (new Set(ids).size < ids.length) throw batchIdsNotDistinct();
  for (const id of ids) {
    if (id.length > snsLimits.batchEntryIdCharactersMax) throw batchEntryIdTooLong(id);
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw invalidBatchEntryId(id);
  }
}
