import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { call, serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { confirmed, withYes, type ConfirmFlags } from './confirm.ts';
import { cliLimits } from './limits.ts';
import { factsText } from './output/facts.ts';
import { Progress } from './output/progress.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from './output/output.ts';
import { parseWhole } from './output/units.ts';
import { CommandError, type Terminal, usageError } from './terminal.ts';

type Flags = ServerFlags & OutputFlags;

interface SendFlags extends Flags {
  readonly group?: string;
  readonly deduplicationId?: string;
  readonly delay?: string;
}

interface ReceiveFlags extends Flags {
  readonly max?: string;
  readonly wait?: string;
  readonly delete?: true;
}

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
}

interface MoveTask {
  readonly TaskHandle?: string;
  readonly Status: string;
  readonly ApproximateNumberOfMessagesMoved?: number;
  readonly ApproximateNumberOfMessagesToMove?: number;
  readonly FailureReason?: string;
}

/** `nagare queue`: the queues of SQS. */
export function queueCommand(terminal: Terminal): Command {
  const command = new Command('queue').description(
    'create, list and delete queues of SQS, and send and receive messages',
  );
  command.addCommand(listCommand(terminal));
  command.addCommand(describeCommand(terminal));
  command.addCommand(createCommand(terminal));
  command.addCommand(sendCommand(terminal));
  command.addCommand(receiveCommand(terminal));
  command.addCommand(purgeCommand(terminal));
  command.addCommand(redriveCommand(terminal));
  command.addCommand(deleteCommand(terminal));
  return command;
}

interface Listed {
  readonly QueueName: string;
  readonly QueueUrl: string;
  readonly Attributes: Attributes;
}

const DEFAULT_RECEIVES = 3;

/** What the end of `ApproximateNumberOfMessages...` means. */
const COUNTS = { '': 'visible', NotVisible: 'in flight', Delayed: 'delayed' } as const;

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list queues with their numbers of messages');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const queues: Listed[] = [];
    for await (const url of urlsOf(server)) {
      queues.push({ QueueName: nameIn(url), QueueUrl: url, Attributes: await attributesOf(server, url) });
    }
    const counts = (['', 'NotVisible', 'Delayed'] as const).map((kind) => ({
      title: COUNTS[kind],
      align: 'right' as const,
      of: ({ Attributes }: Listed) => countOf(Attributes, kind),
    }));
    const name = { title: 'queue', of: ({ QueueName }: Listed) => QueueName };
    printRows(terminal, flags, [name, ...counts], queues);
  });
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show the attributes and tags of a queue')
    .argument('<name>');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const QueueUrl = await urlOf(server, name);
    const Attributes = await attributesOf(server, QueueUrl);
    const { Tags = {} } = await sqs<{ Tags?: object }>(server, 'ListQueueTags', { QueueUrl });
    const described = { QueueName: name, QueueUrl, Attributes, Tags };
    printResult(terminal, flags, factsText(described), described);
  });
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('create a queue, or find it if it exists')
    .argument('<name>', 'queue name; that of a FIFO queue ends in .fifo')
    .option('--dead-letters <queue>', 'queue for messages that were received too often and not deleted')
    .option('--max-receives <number>', 'how often that is (default: 3)', parseWhole(1));
  type CreateFlags = Flags & { readonly deadLetters?: string; readonly maxReceives?: number };
  return withServer(withJson(command)).action(async (name: string, flags: CreateFlags) => {
    const { deadLetters, maxReceives = DEFAULT_RECEIVES } = flags;
    if (deadLetters === undefined && flags.maxReceives !== undefined)
      throw usageError('--max-receives needs --dead-letters');
    const server = await serverOf(flags, terminal);
    const RedrivePolicy = deadLetters !== undefined && {
      deadLetterTargetArn: await arnOf(server, deadLetters),
      maxReceiveCount: maxReceives,
    };
    const Attributes = {
      ...(name.endsWith('.fifo') && { FifoQueue: 'true' }),
      ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    };
    const { QueueUrl } = await sqs<{ QueueUrl: string }>(server, 'CreateQueue', {
      QueueName: name,
      Attributes,
    });
    printResult(terminal, flags, QueueUrl, { QueueName: name, QueueUrl });
  });
}

function sendCommand(terminal: Terminal): Command {
  const command = new Command('send')
    .description('send a message')
    .argument('<name>')
    .argument('<body>')
    .option('--group <id>', 'MessageGroupId, which a FIFO queue needs')
    .option('--deduplication-id <id>', 'MessageDeduplicationId, for a FIFO queue')
    .option('--delay <seconds>', 'time until it can be received');
  return withServer(withJson(command)).action(async (name: string, body: string, flags: SendFlags) => {
    const server = await serverOf(flags, terminal);
    const sent = await sqs<{ MessageId: string }>(server, 'SendMessage', {
      QueueUrl: await urlOf(server, name),
      MessageBody: body,
      ...(flags.group !== undefined && { MessageGroupId: flags.group }),
      ...(flags.deduplicationId !== undefined && { MessageDeduplicationId: flags.deduplicationId }),
      ...(flags.delay !== undefined && { DelaySeconds: wholeNumber('--delay', flags.delay) }),
    });
    printResult(terminal, flags, sent.MessageId, sent);
  });
}

function receiveCommand(terminal: Terminal): Command {
  const command = new Command('receive')
    .description('receive messages, which are hidden from others for the visibility timeout of the queue')
    .argument('<name>')
    .option('--max <number>', 'receive up to so many, at most 10', '1')
    .option('--wait <seconds>', 'wait for the first one, at most 20', '0')
    .option('--delete', 'delete them after they were printed')
    .option('--json', 'print them with their attributes and receipt handles as JSON');
  return withServer(command).action(async (name: string, flags: ReceiveFlags) => {
    const server = await serverOf(flags, terminal);
    const QueueUrl = await urlOf(server, name);
    const { Messages: messages = [] } = await sqs<{ Messages?: readonly Message[] }>(
      server,
      'ReceiveMessage',
      {
        QueueUrl,
        MaxNumberOfMessages: wholeNumber('--max', flags.max),
        WaitTimeSeconds: wholeNumber('--wait', flags.wait),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      },
    );
    if (flags.json === true) terminal.print(JSON.stringify(messages, null, 2));
    else for (const { Body } of messages) terminal.print(Body);
    if (flags.delete !== true) return;
    for (const { ReceiptHandle } of messages) await sqs(server, 'DeleteMessage', { QueueUrl, ReceiptHandle });
  });
}

function purgeCommand(terminal: Terminal): Command {
  const command = new Command('purge').description('delete all messages of a queue').argument('<name>');
  return withServer(withJson(withYes(command))).action(async (name: string, flags: Flags & ConfirmFlags) => {
    const server = await serverOf(flags, terminal);
    const QueueUrl = await urlOf(server, name);
    const counts = countsOf(await attributesOf(server, QueueUrl));
    confirmed(flags, `this deletes all messages of ${name} (${counts})`);
    await sqs(server, 'PurgeQueue', { QueueUrl });
    printResult(terminal, flags, `purged ${name}`, { QueueName: name, Purged: true });
  });
}

function redriveCommand(terminal: Terminal): Command {
  const command = new Command('redrive')
    .description('move the messages of a dead-letter queue back to where they came from')
    .argument('<name>', 'the dead-letter queue')
    .option('--to <name>', 'move them to this queue instead')
    .option('--rate <number>', 'messages a second, at most 500');
  return withServer(withJson(command)).action(
    async (name: string, flags: Flags & { readonly to?: string; readonly rate?: string }) => {
      const server = await serverOf(flags, terminal);
      const SourceArn = await arnOf(server, name);
      await startMove(server, {
        SourceArn,
        ...(flags.to !== undefined && { DestinationArn: await arnOf(server, flags.to) }),
        ...(flags.rate !== undefined && {
          MaxNumberOfMessagesPerSecond: wholeNumber('--rate', flags.rate),
        }),
      });
      const {
        Status,
        FailureReason,
        ApproximateNumberOfMessagesMoved: moved = 0,
      } = await finishedMove(server, SourceArn, new Progress(terminal, 'messages', flags));
      if (Status === 'FAILED') throw new CommandError(`${name}: ${FailureReason ?? 'the move failed'}`);
      const text = `moved ${moved} ${moved === 1 ? 'message' : 'messages'} of ${name}`;
      printResult(terminal, flags, text, { QueueName: name, Moved: moved });
    },
  );
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete a queue with its messages')
    .argument('<name>');
  return withServer(withJson(withYes(command))).action(async (name: string, flags: Flags & ConfirmFlags) => {
    const server = await serverOf(flags, terminal);
    const QueueUrl = await urlOf(server, name);
    const counts = countsOf(await attributesOf(server, QueueUrl));
    confirmed(flags, `this deletes the queue ${name} with its messages (${counts})`);
    await sqs(server, 'DeleteQueue', { QueueUrl });
    printResult(terminal, flags, `${name} is deleted`, { QueueName: name, Deleted: true });
  });
}

export function startMove(server: RunningServer, input: object): Promise<unknown> {
  return sqs(server, 'StartMessageMoveTask', input);
}

/** Waits for the newest move of a queue. */
export async function finishedMove(
  server: RunningServer,
  SourceArn: string,
  progress: Progress,
): Promise<MoveTask> {
  for (;;) {
    const { Results: [task] = [] } = await sqs<{ Results?: readonly MoveTask[] }>(
      server,
      'ListMessageMoveTasks',
      { SourceArn },
    );
    if (task === undefined) throw new CommandError('the move has ended');
    const { ApproximateNumberOfMessagesMoved: moved = 0, ApproximateNumberOfMessagesToMove: all } = task;
    if (all !== undefined) progress.expect(all);
    progress.add(moved - progress.done);
    if (!['RUNNING', 'CANCELLING'].includes(task.Status)) {
      progress.end();
      return task;
    }
    await sleep(cliLimits.statePollMs);
  }
}

export async function* urlsOf(server: RunningServer): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const input = { MaxResults: 1000, ...(token !== undefined && { NextToken: token }) };
    const page = await sqs<{ QueueUrls?: readonly string[]; NextToken?: string }>(
      server,
      'ListQueues',
      input,
    );
    yield* page.QueueUrls ?? [];
    token = page.NextToken;
  } while (token !== undefined);
}

export async function urlOf(server: RunningServer, QueueName: string): Promise<string> {
  return (await sqs<{ QueueUrl: string }>(server, 'GetQueueUrl', { QueueName })).QueueUrl;
}

async function arnOf(server: RunningServer, name: string): Promise<string> {
  const { QueueArn = '' } = await attributesOf(server, await urlOf(server, name));
  return QueueArn;
}

type Attributes = Readonly<Record<string, string>>;

export async function attributesOf(server: RunningServer, QueueUrl: string): Promise<Attributes> {
  const input = { QueueUrl, AttributeNames: ['All'] };
  const { Attributes: attributes = {} } = await sqs<{ Attributes?: Attributes }>(
    server,
    'GetQueueAttributes',
    input,
  );
  return attributes;
}

function countsOf(attributes: Attributes): string {
  return (['', 'NotVisible', 'Delayed'] as const)
    .map((kind) => `${countOf(attributes, kind)} ${COUNTS[kind]}`)
    .join(', ');
}

function countOf(attributes: Attributes, kind: keyof typeof COUNTS): string {
  return attributes[`ApproximateNumberOfMessages${kind}`] ?? '0';
}

export function nameIn(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

function wholeNumber(option: string, text = ''): number {
  if (!/^\d{1,9}$/.test(text)) throw new CommandError(`${option} is "${text}"; it must be a whole number`);
  return Number(text);
}

export function sqs<Output>(server: RunningServer, operation: string, input: object): Promise<Output> {
  return call<Output>(server, 'sqs', `AmazonSQS.${operation}`, input);
}
