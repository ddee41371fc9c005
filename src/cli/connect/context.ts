import { resolve } from 'node:path';
import { Command } from 'commander';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import { CommandError, exitCodes, type Terminal, usageError } from '../terminal.ts';
import { readContexts, writeContexts, type Context } from './contexts.ts';

type AddFlags = OutputFlags & Context & { readonly use?: true };

const NAME = /^[\w.-]{1,64}$/;

/** `nagare context`: servers under names. */
export function contextCommand(terminal: Terminal): Command {
  return new Command('context')
    .description('name servers, and choose the one that commands call')
    .addCommand(listCommand(terminal))
    .addCommand(addCommand(terminal))
    .addCommand(useCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list contexts; * marks the current one');
  return withRows(command).action(async (flags: OutputFlags) => {
    const { current, contexts } = await readContexts(terminal.environment);
    const rows = Object.entries(contexts).map(([Name, context]) => ({
      Name,
      Current: Name === current,
      ...context,
    }));
    type Row = (typeof rows)[number];
    const columns = [
      { title: '', of: ({ Current }: Row) => (Current ? '*' : ' ') },
      { title: 'context', of: ({ Name }: Row) => Name },
      { title: 'endpoint', of: ({ endpointUrl }: Row) => endpointUrl },
      { title: 'region', of: ({ region }: Row) => region },
      { title: 'profile', of: ({ profile }: Row) => profile },
    ];
    printRows(terminal, flags, columns, rows);
  });
}

function addCommand(terminal: Terminal): Command {
  const command = new Command('add')
    .description('add or replace a context; keys stay in the profile of the AWS CLI, or in the environment')
    .argument('<name>')
    .option('--endpoint-url <url>', 'server URL, or aws for AWS itself')
    .option('--region <name>', 'region that requests are signed for')
    .option('--profile <name>', 'profile of the AWS CLI')
    .option('--client-cert <file>', 'certificate for servers with --tls-client-ca, in PEM form')
    .option('--client-key <file>', 'its key, unless the same file has it')
    .option('--use', 'make it the current one');
  return withJson(command).action(async (name: string, flags: AddFlags) => {
    if (!NAME.test(name)) throw usageError('a name has 1 to 64 letters, digits, and the characters _ . -');
    const { endpointUrl, region, profile, clientCert, clientKey } = flags;
    if (endpointUrl === undefined && profile === undefined) {
      throw usageError(
        'a context needs an endpoint or a profile',
        `nagare context add ${name} --endpoint-url http://127.0.0.1:4566`,
      );
    }
    const context: Context = {
      ...(endpointUrl !== undefined && { endpointUrl }),
      ...(region !== undefined && { region }),
      ...(profile !== undefined && { profile }),
      ...(clientCert !== undefined && { clientCert: resolve(terminal.workingFolder, clientCert) }),
      ...(clientKey !== undefined && { clientKey: resolve(terminal.workingFolder, clientKey) }),
    };
    const { contexts, ...rest } = await readContexts(terminal.environment);
    const current = flags.use === true ? { current: name } : rest;
    await writeContexts(terminal.environment, { ...current, contexts: { ...contexts, [name]: context } });
    printResult(
      terminal,
      flags,
      flags.use === true ? `${name} is the current context` : `${name} is added`,
      context,
    );
  });
}

function useCommand(terminal: Terminal): Command {
  const command = new Command('use')
    .description('make a context the current one')
    .argument('<name>', '- for none');
  return withJson(command).action(async (name: string, flags: OutputFlags) => {
    const { contexts } = await readContexts(terminal.environment);
    if (name !== '-') check(contexts, name);
    await writeContexts(terminal.environment, name === '-' ? { contexts } : { current: name, contexts });
    const text = name === '-' ? 'there is no current context any more' : `${name} is the current context`;
    printResult(terminal, flags, text, { Current: name === '-' ? null : name });
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete').alias('rm').description('forget a context').argument('<name>');
  return withJson(command).action(async (name: string, flags: OutputFlags) => {
    const { current, contexts } = await readContexts(terminal.environment);
    check(contexts, name);
    const rest = Object.fromEntries(Object.entries(contexts).filter(([other]) => other !== name));
    const kept = current === undefined || current === name ? {} : { current };
    await writeContexts(terminal.environment, { ...kept, contexts: rest });
    printResult(terminal, flags, `${name} is forgotten`, { Deleted: name });
  });
}

function check(contexts: Readonly<Record<string, Context>>, name: string): void {
  if (Object.hasOwn(contexts, name)) return;
  throw new CommandError(`there is no context ${name}`, {
    exitCode: exitCodes.notFound,
    remedy: 'nagare context ls',
  });
}
