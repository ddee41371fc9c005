import { quoted } from '../../../support/shell-word.ts';
import { base64 } from '../base64.ts';
import type { Action } from './action.ts';

interface Queue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
}

export const messagingActions = {
  /** `group` and `id` are for a FIFO queue. */
  sendMessage: (
    { name, url }: Queue,
    body: string,
    fifo: { readonly group: string; readonly id: string } | undefined,
  ): Action => ({
    title: `Send a message to ${name}`,
    verb: 'Send the message',
    says: 'It can be received at once, unless the queue delays its messages.',
    commands: [
      `nagare queue send ${quoted(name)} ${quoted(body)}${fifo === undefined ? '' : ` --group ${quoted(fifo.group)} --deduplication-id ${fifo.id}`}`,
      `aws sqs send-message --queue-url ${url} --message-body ${quoted(body)}${fifo === undefined ? '' : ` --message-group-id ${quoted(fifo.group)} --message-deduplication-id ${fifo.id}`}`,
    ],
    call: [
      'sqs',
      'SendMessage',
      {
        QueueUrl: url,
        MessageBody: body,
        ...(fifo && { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.id }),
      },
    ],
  }),
  redriveQueue: ({ name, arn }: Queue, visible: number): Action => ({
    title: `Redrive ${name}`,
    verb: `Move ${visible} ${visible === 1 ? 'message' : 'messages'}`,
    says: 'All messages go back to the queues that they came from, and can be received there again.',
    commands: [`nagare queue redrive ${quoted(name)}`, `aws sqs start-message-move-task --source-arn ${arn}`],
    call: ['sqs', 'StartMessageMoveTask', { SourceArn: arn }],
  }),
  redriveMessages: (
    { name, url }: Queue,
    messages: readonly { readonly id: string; readonly handle: string }[],
  ): Action => ({
    title: `Redrive some of ${name}`,
    verb: `Redrive ${messages.length} ${messages.length === 1 ? 'message' : 'messages'}`,
    says: 'Messages of queues go back to the queue that they came from. With records that a function gave up, it is invoked again; if it succeeds, the message about them is deleted.',
    commands: [`nagare dlq redrive ${quoted(name)} ${messages.map(({ id }) => `--message ${id}`).join(' ')}`],
    call: [
      'sqs',
      'RedriveMessageBatch',
      {
        QueueUrl: url,
        Entries: messages.map(({ handle }, at) => ({ Id: `m${at}`, ReceiptHandle: handle })),
      },
    ],
  }),
  /** `event` has the records of a batch that the function gave up. */
  redriveBatch: ({ name }: Queue, messageId: string, functionArn: string, event: string): Action => ({
    title: `Redrive a batch of ${name}`,
    verb: 'Invoke the function again',
    says: 'The function is invoked with the records that it gave up.',
    commands: [`nagare dlq redrive ${quoted(name)} --message ${messageId}`],
    call: ['lambda', 'Invoke', { FunctionName: functionArn, Payload: base64(event) }],
  }),
  purgeQueue: ({ name, url }: Queue, count: number): Action => ({
    title: `Purge ${name}`,
    verb: 'Delete all messages',
    says: `${count} ${count === 1 ? 'message is' : 'messages are'} deleted. This cannot be undone.`,
    confirm: name,
    commands: [`nagare queue purge ${quoted(name)} --yes`, `aws sqs purge-queue --queue-url ${url}`],
    call: ['sqs', 'PurgeQueue', { QueueUrl: url }],
  }),
  publish: (arn: string, message: string, subscriptions: number): Action => ({
    title: `Publish to ${arn.slice(arn.lastIndexOf(':') + 1)}`,
    verb: 'Publish the message',
    says: `It goes to ${subscriptions} ${subscriptions === 1 ? 'subscription' : 'subscriptions'}.`,
    commands: [
      `nagare topic publish ${arn.slice(arn.lastIndexOf(':') + 1)} ${quoted(message)}`,
      `aws sns publish --topic-arn ${arn} --message ${quoted(message)}`,
    ],
    call: ['sns', 'Publish', { TopicArn: arn, Message: message }],
  }),
} as const;
