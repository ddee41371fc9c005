import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { applyCommand, diffCommand } from './apply.ts';
import { completeCommand, completionCommand } from './completion/completion.ts';
import { benchCommand } from './bench/bench.ts';
import { consoleCommand } from './console/console-command.ts';
import { contextCommand } from './connect/context.ts';
import { envCommand } from './connect/env.ts';
import { helpCommand } from './help/help.ts';
import { backupCommand } from './backup.ts';
import { channelCommand } from './channel.ts';
import { clockCommand } from './clock.ts';
import { clusterCommand } from './cluster.ts';
import { declareCommand } from './declare.ts';
import { deliveryCommand } from './delivery.ts';
import { demoCommand } from './demo/demo.ts';
import { dlqCommand } from './dlq/dlq.ts';
import { doctorCommand } from './doctor.ts';
import { explain } from './explain.ts';
import { keyCommand } from './key.ts';
import { functionCommand } from './functions/function.ts';
import { logsCommand } from './functions/logs.ts';
import { logCommand } from './list-log.ts';
import { mappingCommand } from './mapping.ts';
import { bucketCommand } from './objects/bucket.ts';
import { objectCommand } from './objects/object.ts';
import { queueCommand } from './queue.ts';
import { repairCommand } from './repair.ts';
import { scrubCommand } from './scrub.ts';
import { exportCommand, importCommand } from './records/export.ts';
import { getCommand } from './records/get.ts';
import { putCommand } from './records/put.ts';
import { tailCommand } from './records/tail.ts';
import { startCommand } from './start.ts';
import { consumerCommand } from './stream/consumer.ts';
import { shardCommand } from './stream/shard.ts';
import { streamCommand } from './stream/stream.ts';
import { confirmedLine, UnconfirmedError } from './confirm.ts';
import { CommandError, exitCodes, InterruptedError, type Terminal } from './terminal.ts';
import { supportCommand } from './support/support.ts';
import { topicCommand } from './topics/topic.ts';
import { verifyCommand } from './verify.ts';
import { alarmCommand } from './watch/alarm.ts';
import { checkCommand } from './watch/check.ts';
import { topCommand } from './watch/top.ts';
import { safeTerminal } from './output/safe-terminal.ts';
import { metricsCommand } from './metrics/metrics.ts';
import { versionCommand } from './version.ts';
import { version } from '../support/version.ts';

/** All commands: what help, completion and docs/commands.md are made from, and tests walk. */
export function programOf(terminal: Terminal): Command {
  const program = new Command('nagare')
    .description('a stream server for your own machines, compatible with the AWS APIs')
    .version(version(), '--version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      outputError: (text, write) => write(mistakeText(text)),
    })
    .showSuggestionAfterError();
  program
    .addCommand(startCommand(terminal))
    .addCommand(applyCommand(terminal))
    .addCommand(diffCommand(terminal))
    .addCommand(declareCommand(terminal))
    .addCommand(streamCommand(terminal))
    .addCommand(putCommand(terminal))
    .addCommand(tailCommand(terminal))
    .addCommand(getCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(importCommand(terminal))
    .addCommand(shardCommand(terminal))
    .addCommand(consumerCommand(terminal))
    .addCommand(functionCommand(terminal))
    .addCommand(mappingCommand(terminal))
    .addCommand(logCommand(terminal))
    .addCommand(deliveryCommand(terminal))
    .addCommand(channelCommand(terminal))
    .addCommand(bucketCommand(terminal))
    .addCommand(objectCommand(terminal))
    .addCommand(topicCommand(terminal))
    .addCommand(queueCommand(terminal))
    .addCommand(dlqCommand(terminal))
    .addCommand(alarmCommand(terminal))
    .addCommand(metricsCommand(terminal))
    .addCommand(consoleCommand(terminal))
    .addCommand(topCommand(terminal))
    .addCommand(checkCommand(terminal))
    .addCommand(clockCommand(terminal))
    .addCommand(clusterCommand(terminal))
    .addCommand(keyCommand(terminal))
    .addCommand(backupCommand(terminal))
    .addCommand(doctorCommand(terminal))
    .addCommand(verifyCommand(terminal))
    .addCommand(repairCommand(terminal))
    .addCommand(scrubCommand(terminal))
    .addCommand(contextCommand(terminal))
    .addCommand(envCommand(terminal))
    .addCommand(demoCommand(terminal))
    .addCommand(benchCommand(terminal))
    .addCommand(versionCommand(terminal))
    .addCommand(supportCommand(terminal))
    .addCommand(completionCommand(terminal))
    .addCommand(helpCommand(terminal, program))
    .addCommand(completeCommand(terminal, program), { hidden: true })
    // Their former names: one letter apart, for different things.
    .addCommand(logsCommand(terminal, 'logs'), { hidden: true })
    .addCommand(logCommand(terminal, 'log'), { hidden: true });
  configure(program, ['nagare', 'help']);
  return program;
}

/** Runs a command line; resolves with the exit code. */
export async function run(args: readonly string[], onto: Terminal): Promise<number> {
  const terminal = safeTerminal(onto);
  try {
    await programOf(terminal).parseAsync(args, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    // commander has already printed the message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof InterruptedError) return error.exitCode;
    const explanation = explain(error);
    if (explanation === undefined) throw error;
    for (const line of explanation.split('\n')) terminal.complain(`nagare: ${line}`);
    if (!(error instanceof CommandError)) return exitCodes.failed;
    if (error.why !== undefined) terminal.complain(`  why: ${error.why}`);
    const remedy = error instanceof UnconfirmedError ? confirmedLine(args) : error.remedy;
    if (remedy !== undefined) terminal.complain(`  try: ${remedy}`);
    return error.exitCode;
  }
}

/** What commander says is wrong with a command line, in the form of all errors. */
function mistakeText(text: string): string {
  return text.replace(/^error: /, 'nagare: ').replace(/\n\(Did you mean (.*)\?\)/, ' (did you mean $1?)');
}

/** Arguments that name something: without a name, the path of a request would be that of all of them. */
const NAMES: ReadonlySet<string> = new Set([
  'name',
  'uuid',
  'stream',
  'function',
  'queue',
  'user',
  'access-key-id',
]);

function notEmpty(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It is empty.');
}

/** commander's settings do not apply to commands that were created separately. */
function configure(command: Command, help: readonly string[]): void {
  command.showHelpAfterError(`  try: ${help.join(' ')}`);
  for (const argument of command.registeredArguments) {
    if (NAMES.has(argument.name()) && argument.parseArg === undefined) argument.argParser(notEmpty);
  }
  // Except for the server, which has a log, and for what completion scripts call.
  if (command.commands.length === 0 && !['start', '__complete'].includes(command.name())) {
    command.option('-q, --quiet', 'print results only, without progress and remarks');
  }
  for (const child of command.commands) {
    child.exitOverride().copyInheritedSettings(command);
    configure(child, [...help, child.name()]);
  }
}
