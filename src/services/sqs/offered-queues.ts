import { queueDoesNotExist } from './errors.ts';
import { deleteByHandles } from './handles.ts';
import { chosenSystemAttributes, messageOutput } from './message-output.ts';
import { parseMessage } from './message-input.ts';
import type { MessageQueues, QueuedAttribute, QueuedMessage } from './message-queues.ts';
import type { OpenQueue } from './open-queue.ts';
import { isFifo, numberOf } from './queue.ts';
import type { Queues } from './queues.ts';
import { sendMessages } from './sending.ts';

/** Queues for other services. */
export function offeredQueues(queues: Queues, accountId: string): MessageQueues {
  const open = (arn: string): OpenQueue => {
    const queue = queues.byArn(arn);
    if (queue === undefined) throw queueDoesNotExist();
    return queues.open(queue.name);
  };
  return {
    describe(arn) {
      const queue = queues.byArn(arn);
      if (queue === undefined) return undefined;
      const visibilityMs = numberOf(queue, 'VisibilityTimeout') * 1000;
      return { name: queue.name, isFifo: isFifo(queue), visibilityMs };
    },
    async receive(arn, { most, waitMs, signal }) {
      const { queue, messages, metrics } = open(arn);
      const visibilityMs = numberOf(queue, 'VisibilityTimeout') * 1000;
      const received = await messages.receive({ most, waitMs, visibilityMs, signal });
      if (received.length === 0) metrics.add('NumberOfEmptyReceives', 1);
      else metrics.add('NumberOfMessagesReceived', received.length);
      const system = chosenSystemAttributes(['All']);
      return received.map((one) =>
        queuedMessage(messageOutput(one, { accountId, isFifo: isFifo(queue), system, names: ['All'] })),
      );
    },
    async delete(arn, receiptHandles) {
      // What cannot be deleted is gone, or was received again.
      await deleteByHandles(open(arn), receiptHandles);
    },
    async changeVisibility(arn, receiptHandle, visibilityMs) {
      await open(arn).messages.changeVisibility(receiptHandle, visibilityMs, () => {});
    },
    async send(arn, { body, attributes = {}, groupId, deduplicationId }) {
      const queue = open(arn);
      const parsed = parseMessage(queue.queue, {
        MessageBody: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, givenAttribute(value)]),
        ),
        ...(groupId !== undefined && { MessageGroupId: groupId }),
        ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
      });
      await sendMessages(queue, [parsed]);
    },
  };
}

function givenAttribute({ dataType, stringValue, binaryValue }: QueuedAttribute) {
  return {
    DataType: dataType,
    ...(stringValue !== undefined && { StringValue: stringValue }),
    ...(binaryValue !== undefined && { BinaryValue: binaryValue }),
  };
}

function queuedMessage(output: ReturnType<typeof messageOutput>): QueuedMessage {
  const { MessageId, ReceiptHandle, Body, MD5OfBody, Attributes = {}, MessageAttributes = {} } = output;
  const { MD5OfMessageAttributes: md5OfMessageAttributes } = output;
  return {
    messageId: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    md5OfBody: MD5OfBody ?? '',
    ...(md5OfMessageAttributes !== undefined && { md5OfMessageAttributes }),
    attributes: Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType = '', StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          ...(StringValue !== undefined && { stringValue: StringValue }),
          ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
        },
      ]),
    ),
  };
}
