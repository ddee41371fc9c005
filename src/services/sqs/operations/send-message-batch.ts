import type { BatchResultErrorEntry, SendMessageBatchResult } from '@aws-sdk/client-sqs';
import { type CallContext, EncodedOutput } from '../../../protocol/service.ts';
import { checkedBatch, failedEntry } from '../batch.ts';
import type { SqsContext } from '../context.ts';
import { batchTooLong } from '../errors.ts';
import { sqsLimits } from '../limits.ts';
import { messageIdsOf } from '../message-id.ts';
import {
  type BatchMessageInput,
  checkFifoBatch,
  parseMessage,
  type ParsedMessage,
  sizeOf,
} from '../message-input.ts';
import { nameOf } from '../queue-url.ts';
import { senderOf } from '../sender.ts';
import { sendMessages } from '../sending.ts';
import { sentJson } from '../batch-json.ts';

interface SendMessageBatchInput {
  readonly QueueUrl?: string;
  readonly Entries?: readonly BatchMessageInput[];
}

/** Sends up to ten messages. Those that are invalid are reported one by one; the others become durable together. */
export async function sendMessageBatch(
  { queues, traces }: SqsContext,
  input: SendMessageBatchInput,
  call: CallContext,
): Promise<SendMessageBatchResult | EncodedOutput> {
  const open = queues.open(nameOf(input.QueueUrl, call));
  open.admit('send');
  const entries = checkedBatch(input.Entries, 'SendMessageBatchRequestEntry');
  let bytes = 0;
  for (const entry of entries) bytes += sizeOf(entry);
  if (bytes > sqsLimits.messageBytesMax) throw batchTooLong(sqsLimits.messageBytesMax, bytes);
  checkFifoBatch(open.queue, entries);
  const origin = {
    sender: senderOf(call),
    trace: traces.of(call.http),
    newId: messageIdsOf(call.invocationId),
  };
  const messages: ParsedMessage[] = [];
  const ids: string[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  const { queue } = open;
  for (const entry of entries) {
    try {
      messages.push(parseMessage(queue, entry, origin));
      ids.push(entry.Id);
    } catch (error) {
      Failed.push(failedEntry(entry.Id, error));
    }
  }
  const sent = messages.length === 0 ? [] : await sendMessages(open, messages, call.invocationId);
  const value = () => ({ Successful: sent.map((one, index) => ({ Id: ids[index] ?? '', ...one })), Failed });
  return Failed.length > 0 ? value() : new EncodedOutput(() => sentJson(ids, sent), value);
}
