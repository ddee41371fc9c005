import { Command, InvalidArgumentError } from 'commander';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { confirmed, withYes, type ConfirmFlags } from '../confirm.ts';
import { formatCount } from '../../support/findings.ts';
import { factsText } from '../output/facts.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { readAll } from '../output/read-all.ts';
import { type Terminal, usageError } from '../terminal.ts';
import { pagesOf, sns, topicArnOf, topicArns, topicNameIn } from './sns.ts';

type Flags = ServerFlags & OutputFlags;

interface PublishFlags extends Flags {
  readonly subject?: string;
  readonly attribute?: readonly Attribute[];
  readonly group?: string;
  readonly deduplicationId?: string;
}

interface Attribute {
  readonly name: string;
  readonly value: string;
}

/** `nagare topic`: the topics of SNS. */
export function topicCommand(terminal: Terminal): Command {
  return new Command('topic')
    .description('manage topics of SNS, and publish messages')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(createCommand(terminal))
    .addCommand(publishCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

interface Listed {
  readonly TopicName: string;
  readonly TopicArn: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list topics with their numbers of subscriptions');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const topics: Listed[] = [];
    for await (const TopicArn of topicArns(server)) {
      const Attributes = await attributesOf(server, TopicArn);
      topics.push({ TopicName: topicNameIn(TopicArn), TopicArn, Attributes });
    }
    const columns = [
      { title: 'topic', of: ({ TopicName }: Listed) => TopicName },
      {
        title: 'subscriptions',
        align: 'right' as const,
        of: ({ Attributes }: Listed) => Attributes['SubscriptionsConfirmed'],
      },
      {
        title: 'pending',
        align: 'right' as const,
        of: ({ Attributes }: Listed) => Attributes['SubscriptionsPending'],
      },
    ];
    printRows(terminal, flags, columns, topics);
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show the attributes and subscriptions of a topic')
    .argument('<name>', 'topic name or ARN');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const TopicArn = await topicArnOf(server, name);
    const Attributes = await attributesOf(server, TopicArn);
    const Subscriptions = [];
    for await (const page of pagesOf(server, 'ListSubscriptionsByTopic', { TopicArn })) {
      for (const subscription of page.list('Subscriptions')) {
        Subscriptions.push({
          SubscriptionArn: subscription.text('SubscriptionArn'),
          Protocol: subscription.text('Protocol'),
          Endpoint: subscription.text('Endpoint'),
        });
      }
    }
    const described = { TopicName: topicNameIn(TopicArn), TopicArn, Attributes, Subscriptions };
    printResult(terminal, flags, factsText(described), described);
  });
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('create a topic, or find it if it exists')
    .argument('<name>', 'topic name; that of a FIFO topic ends in .fifo');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const fifo = name.endsWith('.fifo') && {
      'Attributes.entry.1.key': 'FifoTopic',
      'Attributes.entry.1.value': 'true',
    };
    const TopicArn = (await sns(server, 'CreateTopic', { Name: name, ...fifo })).text('TopicArn');
    printResult(terminal, flags, TopicArn, { TopicName: name, TopicArn });
  });
}

function publishCommand(terminal: Terminal): Command {
  const command = new Command('publish')
    .description('publish a message, and print its id')
    .argument('<name>', 'topic name or ARN')
    .argument('[message]', 'default: standard input')
    .option('--subject <text>', 'subject, for subscriptions by e-mail and their like')
    .option('--attribute <name=value>', 'attribute of type String; may be repeated', parseAttribute)
    .option('--group <id>', 'MessageGroupId, which a FIFO topic needs')
    .option('--deduplication-id <id>', 'MessageDeduplicationId, for a FIFO topic')
    .addHelpText('after', "\nExample:\n  nagare topic publish news 'hello' --attribute kind=greeting");
  return withServer(withJson(command)).action(
    async (name: string, message: string | undefined, flags: PublishFlags) => {
      const Message = message ?? (await inputOf(terminal));
      const server = await serverOf(flags, terminal);
      const published = await sns(server, 'Publish', {
        TopicArn: await topicArnOf(server, name),
        Message,
        ...(flags.subject !== undefined && { Subject: flags.subject }),
        ...(flags.group !== undefined && { MessageGroupId: flags.group }),
        ...(flags.deduplicationId !== undefined && { MessageDeduplicationId: flags.deduplicationId }),
        ...attributeParameters(flags.attribute ?? []),
      });
      const sequenceNumber = published.text('SequenceNumber');
      const result = {
        MessageId: published.text('MessageId'),
        ...(sequenceNumber !== '' && { SequenceNumber: sequenceNumber }),
      };
      printResult(terminal, flags, result.MessageId, result);
    },
  );
}

function parseAttribute(text: string, before: readonly Attribute[] = []): readonly Attribute[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Specify a name and a value, such as kind=greeting.');
  return [...before, { name: text.slice(0, at), value: text.slice(at + 1) }];
}

function attributeParameters(attributes: readonly Attribute[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [at, { name, value }] of attributes.entries()) {
    const entry = `MessageAttributes.entry.${at + 1}`;
    parameters[`${entry}.Name`] = name;
    parameters[`${entry}.Value.DataType`] = 'String';
    parameters[`${entry}.Value.StringValue`] = value;
  }
  return parameters;
}

async function inputOf(terminal: Terminal): Promise<string> {
  const input = terminal.input();
  if (input === undefined) throw usageError('the message is missing', "nagare topic publish NAME 'MESSAGE'");
  return (await readAll(input)).toString();
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete a topic with its subscriptions')
    .argument('<name>', 'topic name or ARN');
  return withServer(withJson(withYes(command))).action(async (name: string, flags: Flags & ConfirmFlags) => {
    const server = await serverOf(flags, terminal);
    const TopicArn = await topicArnOf(server, name);
    const { SubscriptionsConfirmed = '0' } = await attributesOf(server, TopicArn);
    const count = formatCount(Number(SubscriptionsConfirmed), 'subscription');
    confirmed(flags, `this deletes the topic ${name} with ${count}`);
    await sns(server, 'DeleteTopic', { TopicArn });
    printResult(terminal, flags, `${name} is deleted`, { TopicArn, Deleted: true });
  });
}

async function attributesOf(
  server: RunningServer,
  TopicArn: string,
): Promise<Readonly<Record<string, string>>> {
  return (await sns(server, 'GetTopicAttributes', { TopicArn })).map('Attributes');
}
