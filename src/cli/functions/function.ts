import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { callRest, serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { explained } from '../explain.ts';
import { readAll } from '../output/read-all.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { CommandError, type Terminal } from '../terminal.ts';
import { invoke } from './invoke.ts';
import { logsCommand } from './logs.ts';

type Flags = ServerFlags & OutputFlags;
type InvokeFlags = Flags & { readonly payload?: string; readonly file?: string; readonly async?: true };

const PATH = '/2015-03-31/functions';

/** `nagare function`: the functions of Lambda. */
export function functionCommand(terminal: Terminal): Command {
  return new Command('function')
    .description('list and invoke functions, and read their output')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(invokeCommand(terminal))
    .addCommand(logsCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list functions');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const functions = await functionsOf(await serverOf(flags, terminal));
    const columns = [
      { title: 'function', of: (one: FunctionConfiguration) => one.FunctionName },
      { title: 'runtime', of: (one: FunctionConfiguration) => one.Runtime },
      { title: 'timeout', align: 'right' as const, of: (one: FunctionConfiguration) => `${one.Timeout} s` },
      {
        title: 'memory',
        align: 'right' as const,
        of: (one: FunctionConfiguration) => `${one.MemorySize} MB`,
      },
      { title: 'changed', of: (one: FunctionConfiguration) => one.LastModified },
    ];
    printRows(terminal, flags, columns, functions);
  });
}

async function functionsOf(server: RunningServer): Promise<FunctionConfiguration[]> {
  const functions: FunctionConfiguration[] = [];
  let marker: string | undefined;
  do {
    const path = marker === undefined ? `${PATH}/` : `${PATH}/?Marker=${encodeURIComponent(marker)}`;
    const page: { Functions?: FunctionConfiguration[]; NextMarker?: string | null } = await callRest(server, {
      service: 'lambda',
      method: 'GET',
      path,
    });
    functions.push(...(page.Functions ?? []));
    marker = page.NextMarker ?? undefined;
  } while (marker !== undefined);
  return functions;
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show the configuration of a function as JSON')
    .argument('<name>', 'function name or ARN');
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const path = `${PATH}/${encodeURIComponent(name)}/configuration`;
    const request = { service: 'lambda', method: 'GET', path } as const;
    terminal.print(JSON.stringify(await callRest<object>(await serverOf(flags, terminal), request), null, 2));
  });
}

function invokeCommand(terminal: Terminal): Command {
  const command = new Command('invoke')
    .description('invoke a function with an event, and print what it returns')
    .argument('<name>', 'function name or ARN')
    .option('--payload <json>', 'the event (default: standard input, or {})')
    .option('--file <path>', 'file with the event')
    .option('--async', 'only hand the event over; the server invokes the function')
    .addHelpText('after', '\nExample:\n  nagare function invoke resize --payload \'{"key":"a.png"}\'');
  return withServer(withJson(command)).action(async (name: string, flags: InvokeFlags) => {
    const server = await serverOf(flags, terminal);
    const payload = await payloadOf(flags, terminal);
    const { error, result, log, status } = await invoke(server, {
      name,
      payload,
      isAsync: flags.async === true,
    });
    if (error !== undefined) {
      throw new CommandError(`${name} failed: ${error}`, {
        why: result,
        remedy: `nagare function logs ${name} --since 5m`,
      });
    }
    const text = flags.async === true ? `${name} will be invoked` : result;
    printResult(terminal, flags, text, { StatusCode: status, Payload: result, LogResult: log });
  });
}

async function payloadOf({ payload, file }: InvokeFlags, terminal: Terminal): Promise<string> {
  if (payload !== undefined) return payload;
  if (file !== undefined) {
    const path = resolve(terminal.workingFolder, file);
    return readFile(path, 'utf8').catch((error: unknown) => {
      throw explained(error, `cannot read ${path}`);
    });
  }
  const input = terminal.input();
  return input === undefined ? '{}' : (await readAll(input)).toString() || '{}';
}
