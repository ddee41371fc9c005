import { Option, type Command } from 'commander';
import type { SettingName } from '../config/settings.ts';
import { exitCodeOf, remedyFor } from './connect/answers.ts';
import { addressesOf, findServer, type FoundServer, type WhereFlags } from './connect/find-server.ts';
import { request } from './connect/request.ts';
import { jsonOf, nameOf, send, type Answer, type ToSend } from './connect/send.ts';
import { cliLimits } from './limits.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** Flags that tell a command how to reach the server. */
export type ServerFlags = SettingFlags & WhereFlags;

export function withServer(command: Command, names: readonly SettingName[] = ['host', 'port']): Command {
  command
    .option(
      '--endpoint-url <url>',
      'server URL (several with commas: the first that answers), or aws for AWS itself (nagare help connect)',
    )
    .addOption(new Option('--endpoint <url>', 'the same').hideHelp())
    .option('--profile <name>', 'profile of the AWS CLI, for the endpoint, the region and the keys')
    .option('--context <name>', 'context of nagare (nagare context)')
    .option(
      '--client-cert <file>',
      'certificate for a server with --tls-client-ca, in PEM form (NAGARE_CLIENT_CERT)',
    )
    .option('--client-key <file>', 'its key, unless the same file has it (NAGARE_CLIENT_KEY)');
  if (!names.includes('region')) command.option('--region <name>', 'region that requests are signed for');
  return withSettings(command, names);
}

/** A running server, and how this command calls it. */
export type RunningServer = FoundServer;

/** Of several addresses, the first that answers. */
export async function serverOf(flags: ServerFlags, terminal: Terminal): Promise<RunningServer> {
  const servers = await serversOf(flags, terminal);
  const [first, ...others] = servers;
  if (first !== undefined && others.length === 0) return first;
  for (const server of servers) if (await answers(server)) return server;
  throw noneAnswers(servers);
}

/** The error for several addresses at which no server answers. */
export function noneAnswers(servers: readonly RunningServer[]): CommandError {
  return new CommandError(`no server answers at ${servers.map(nameOf).join(', ')}`);
}

async function answers(server: RunningServer): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(cliLimits.answerMs);
    const { body } = await request(server, new URL('/health/live', server.endpoint), { signal });
    await body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** All addresses that the user names. */
export async function serversOf(flags: ServerFlags, terminal: Terminal): Promise<RunningServer[]> {
  const found = await findServer(flags, terminal, {
    isGiven: flags.port !== undefined || flags.host !== undefined,
    async url() {
      const { host, port } = await configOf(flags, terminal);
      return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    },
  });
  return addressesOf(found);
}

/** Whether it is AWS, which has only AWS's operations. */
export function isAws({ endpoint }: RunningServer): boolean {
  return endpoint === undefined;
}

/** Sends JSON in a signed POST. Rejects with NoAnswerError when no server answers. */
export function post(
  server: RunningServer,
  { content, ...request }: Omit<ToSend, 'method' | 'body'> & { readonly content: object },
): Promise<Answer> {
  return send(server, { method: 'POST', ...request, body: JSON.stringify(content) });
}

/** An error response of the server. */
export class AnsweredError extends CommandError {
  /** AWS's error code. */
  readonly code: string;

  constructor(code: string, message: string, service = '') {
    const remedy = remedyFor(code, service);
    super(message === '' ? code : `${code}: ${message}`, {
      exitCode: exitCodeOf(code),
      ...(remedy !== undefined && { remedy }),
    });
    this.code = code;
  }
}

/** Calls an operation of a service with a JSON protocol; `target` is `<prefix>.<operation>`. Throws CommandError. */
export async function call<Output>(
  server: RunningServer,
  service: string,
  target: string,
  input: object,
): Promise<Output> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const answer = await post(server, { path: '/', service, headers, content: input });
  // An operation without output answers with nothing, in SQS.
  const output = answer.text === '' ? {} : jsonOf(answer);
  // The caller knows the output's type from the operation's model.
  if (answer.ok && output !== undefined) return output as Output;
  throw errorOf(output, service, unexpected(server, answer));
}

/** Calls an operation of a service with a REST protocol. Throws CommandError. */
export async function callRest<Output>(
  server: RunningServer,
  request: {
    service: string;
    method: 'GET' | 'POST' | 'PUT' | 'DELETE';
    path: string;
    input?: object | undefined;
    /** What is asked for, if that is not what the service is named after. */
    noun?: 'mapping';
  },
): Promise<Output> {
  const { input, noun, ...rest } = request;
  const headers = { 'content-type': 'application/json' };
  const body = input !== undefined && { headers, body: JSON.stringify(input) };
  const answer = await send(server, { ...rest, ...body });
  const output = jsonOf(answer);
  // The caller knows the output's type from the operation's model.
  if (answer.ok && output !== undefined) return output as Output;
  const code = answer.headers.get('x-amzn-errortype') ?? undefined;
  const withCode = typeof output === 'object' && code !== undefined ? { __type: code, ...output } : output;
  throw errorOf(withCode, noun ?? request.service, unexpected(server, answer));
}

/** The message about an answer that is neither a result nor an error of AWS's. */
export function unexpected(server: RunningServer, { ok, status }: Answer): string {
  return ok ? `${nameOf(server)} is no server of this service` : `${nameOf(server)} answered ${status}`;
}

function errorOf(output: unknown, service: string, fallback: string): CommandError {
  if (typeof output !== 'object' || output === null || !('__type' in output))
    return new CommandError(fallback);
  const code = String(output.__type).replace(/^.*#/, '');
  const message = 'message' in output ? output.message : 'Message' in output ? output.Message : '';
  return new AnsweredError(code, String(message), service);
}
