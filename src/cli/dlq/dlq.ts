import { Command, Option } from 'commander';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { printResult, printRows, say, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { Progress } from '../output/progress.ts';
import { parseWhole } from '../output/units.ts';
import { finishedMove, startMove } from '../queue.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';
import { describeBatch, discardedBatchIn } from '../../decode/discarded-batch.ts';
import { replay } from './batch.ts';
import { type DeadLetterQueue, deadLetterQueues, moveBack, takeMessages } from './dead-letters.ts';

type Flags = ServerFlags & OutputFlags;
type ShowFlags = Flags & { readonly limit: number };
type RedriveFlags = Flags & {
  readonly dryRun?: true;
  readonly limit?: number;
  readonly message: readonly string[];
};

/** `nagare dlq`: what was given up. */
export function dlqCommand(terminal: Terminal): Command {
  return new Command('dlq')
    .description('list, show and redrive what queues and functions have given up')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(redriveCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list dead-letter queues, and failure destinations that are queues');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const columns = [
      { title: 'queue', of: (queue: DeadLetterQueue) => queue.QueueName },
      { title: 'messages', align: 'right' as const, of: (queue: DeadLetterQueue) => queue.Messages },
      { title: 'from', of: (queue: DeadLetterQueue) => queue.Sources.join(', ') },
    ];
    printRows(terminal, flags, columns, await deadLetterQueues(await serverOf(flags, terminal)));
  });
}

interface Shown {
  readonly MessageId: string;
  readonly What: string;
  readonly Body: string;
}

function showCommand(terminal: Terminal): Command {
  const command = new Command('show')
    .description('show messages of a dead-letter queue; each counts as received once more')
    .argument('<queue>')
    .addOption(new Option('--limit <number>', 'at most so many').argParser(parseWhole(1)).default(10));
  return withServer(withRows(command)).action(async (queue: string, flags: ShowFlags) => {
    const rows: Shown[] = [];
    const server = await serverOf(flags, terminal);
    await takeMessages(server, { queue, limit: flags.limit }, ({ MessageId, Body }) => {
      rows.push({ MessageId, What: whatOf(Body), Body });
      return Promise.resolve('keep');
    });
    const columns = [
      { title: 'message', of: (row: Shown) => row.MessageId },
      { title: 'what', of: (row: Shown) => row.What },
      { title: 'body', of: (row: Shown) => row.Body },
    ];
    printRows(terminal, flags, columns, rows);
  });
}

function whatOf(body: string): string {
  const batch = discardedBatchIn(body);
  return batch === undefined ? 'message' : describeBatch(batch);
}

function redriveCommand(terminal: Terminal): Command {
  const command = new Command('redrive')
    .description(
      'move messages back to their queues, and invoke functions again with the records that they gave up',
    )
    .argument('<queue>')
    .addOption(
      new Option('--message <id>', 'only this message; may be repeated')
        .argParser((id: string, ids: readonly string[]) => [...ids, id])
        .default([], 'all'),
    )
    .option('--dry-run', 'only count')
    .addOption(
      new Option('--limit <number>', 'at most so many batches of records')
        .argParser(parseWhole(1))
        .conflicts('message'),
    );
  return withServer(withJson(command)).action(async (queue: string, flags: RedriveFlags) => {
    const server = await serverOf(flags, terminal);
    const found = (await deadLetterQueues(server)).find(({ QueueName }) => QueueName === queue);
    if (found === undefined) {
      throw new CommandError(`${queue} is no dead-letter queue`, {
        exitCode: exitCodes.notFound,
        remedy: 'nagare dlq ls',
      });
    }
    const counts =
      flags.message.length === 0
        ? await redrive(server, found, flags, terminal)
        : await redriveSome(server, found, flags, terminal);
    const { batches, redriven, failed, others } = counts;
    const text =
      flags.dryRun === true
        ? `would invoke functions with ${batches} batches, and move ${others} messages back to their queues`
        : `${redriven} of ${batches} batches succeeded, ${others} messages were moved back`;
    const result = {
      Batches: batches,
      Redriven: redriven,
      Failed: failed,
      Messages: others,
      DryRun: flags.dryRun === true,
    };
    printResult(terminal, flags, text, result);
    if (failed > 0) throw new CommandError(`${failed} batches failed again, and stay in ${queue}`);
  });
}

interface Counts {
  readonly batches: number;
  readonly redriven: number;
  readonly failed: number;
  readonly others: number;
}

/** Batches first: a move takes all messages. */
async function redrive(
  server: RunningServer,
  { QueueName: queue, QueueArn, Messages, Sources }: DeadLetterQueue,
  flags: RedriveFlags,
  terminal: Terminal,
): Promise<Counts> {
  const counts = { batches: 0, redriven: 0, failed: 0, others: 0 };
  const isDry = flags.dryRun === true;
  const progress = new Progress(terminal, 'messages', { total: Messages, quiet: flags.quiet === true });
  await takeMessages(server, { queue, limit: flags.limit ?? Infinity }, async ({ MessageId, Body }) => {
    progress.add(1);
    const batch = discardedBatchIn(Body);
    if (batch === undefined) {
      counts.others++;
      return 'keep';
    }
    counts.batches++;
    if (isDry) return 'keep';
    const failure = await replay(server, batch);
    if (failure === undefined) counts.redriven++;
    else {
      counts.failed++;
      say(terminal, flags, `${MessageId}: ${failure}`);
    }
    return failure === undefined ? 'delete' : 'keep';
  });
  progress.end();
  if (isDry || counts.others === 0 || !Sources.some((source) => source.startsWith('queue '))) return counts;
  if (counts.failed > 0) {
    // They would go along: to the queue of others.
    throw new CommandError(
      `${counts.failed} batches failed again; the ${counts.others} messages of queues were not moved`,
      {
        remedy: `nagare queue redrive ${queue}`,
      },
    );
  }
  await startMove(server, { SourceArn: QueueArn });
  const { ApproximateNumberOfMessagesMoved: others = 0 } = await finishedMove(
    server,
    QueueArn,
    new Progress(terminal, 'messages', flags),
  );
  return { ...counts, others };
}

/** Looks through the queue until all of these messages were found. */
async function redriveSome(
  server: RunningServer,
  { QueueName: queue, Messages }: DeadLetterQueue,
  flags: RedriveFlags,
  terminal: Terminal,
): Promise<Counts> {
  const counts = { batches: 0, redriven: 0, failed: 0, others: 0 };
  const wanted = new Set(flags.message);
  const progress = new Progress(terminal, 'messages', { total: Messages, quiet: flags.quiet === true });
  const isEnough = () => wanted.size === 0;
  await takeMessages(server, { queue, limit: Infinity, isEnough }, async (message, queueUrl) => {
    progress.add(1);
    if (!wanted.delete(message.MessageId)) return 'keep';
    const batch = discardedBatchIn(message.Body);
    if (batch === undefined) counts.others++;
    else counts.batches++;
    if (flags.dryRun === true) return 'keep';
    if (batch === undefined) {
      await moveBack(server, queueUrl, message);
      return 'moved';
    }
    const failure = await replay(server, batch);
    if (failure === undefined) {
      counts.redriven++;
      return 'delete';
    }
    counts.failed++;
    say(terminal, flags, `${message.MessageId}: ${failure}`);
    return 'keep';
  });
  progress.end();
  if (wanted.size === 0) return counts;
  throw new CommandError(`${queue} has no message ${[...wanted].join(', ')}`, {
    exitCode: exitCodes.notFound,
    why: 'others may have received it; what was found was redriven',
    remedy: `nagare dlq show ${queue}`,
  });
}
