import { Option, type Command } from 'commander';
import { signed, type Credentials } from '../auth/sign.ts';
import type { SettingName } from '../config/settings.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** Flags that tell a command how to reach the running server. */
export type ServerFlags = SettingFlags & { readonly endpoint?: string };

export function withServer(command: Command, names: readonly SettingName[] = ['host', 'port']): Command {
  command.addOption(
    new Option(
      '--endpoint <url>',
      'server URL (default: AWS_ENDPOINT_URL, else the configured host and port)',
    ),
  );
  return withSettings(command, names);
}

/** A running server, and how this command calls it. */
export interface RunningServer {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

export async function serverOf(flags: ServerFlags, terminal: Terminal): Promise<RunningServer> {
  const { environment } = terminal;
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  return { endpoint: await endpointOf(flags, terminal), region, credentials: credentialsOf(environment) };
}

async function endpointOf(flags: ServerFlags, terminal: Terminal): Promise<string> {
  const given =
    flags.endpoint ?? (flags.port === undefined ? terminal.environment['AWS_ENDPOINT_URL'] : undefined);
  if (given !== undefined) {
    if (!URL.canParse(given))
      throw new CommandError(`invalid URL "${given}"; expected a URL such as http://127.0.0.1:4566`);
    return given;
  }
  const { host, port } = await configOf(flags, terminal);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Credentials of the environment, as AWS's own tools read them; any are accepted while the server has no access keys.
 */
function credentialsOf(environment: Terminal['environment']): Credentials {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
}

/** Sends a signed POST. Rejects, as `fetch` does, when no server answers. */
export function post(
  { endpoint, region, credentials }: RunningServer,
  request: { path: string; service: string; headers: Record<string, string>; content: object },
): Promise<Response> {
  const { service, headers } = request;
  const url = new URL(request.path, endpoint);
  const body = JSON.stringify(request.content);
  const toSign = { method: 'POST', url, headers, body };
  return fetch(url, {
    method: 'POST',
    headers: signed(toSign, credentials, { region, service }, new Date()),
    body,
  });
}

/** The error for a server that does not answer. */
export function noServer({ endpoint }: RunningServer): CommandError {
  return new CommandError(
    `no server answers at ${endpoint}; start it with \`nagare start\`, or give --endpoint`,
  );
}

/** An error response of the server. */
export class AnsweredError extends CommandError {
  /** AWS's error code. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
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
  let answer: Response;
  try {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    answer = await post(server, { path: '/', service, headers, content: input });
  } catch {
    throw noServer(server);
  }
  const output: unknown = await answer.json().catch(() => undefined);
  // The caller knows the output's type from the operation's model.
  if (answer.ok && output !== undefined) return output as Output;
  throw errorOf(output, `${server.endpoint} answered ${answer.status}`);
}

function errorOf(output: unknown, fallback: string): CommandError {
  if (typeof output !== 'object' || output === null || !('__type' in output))
    return new CommandError(fallback);
  const code = String(output.__type).replace(/^.*#/, '');
  const message = 'message' in output ? output.message : 'Message' in output ? output.Message : '';
  return new AnsweredError(code, String(message));
}
