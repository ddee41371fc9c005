import { Option, type Command } from 'commander';
import type { SettingName } from '../config/settings.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';

/** How a command finds the server that runs. */
export type ServerFlags = SettingFlags & { readonly endpoint?: string };

export function withServer(command: Command, names: readonly SettingName[] = ['host', 'port']): Command {
  command.addOption(
    new Option(
      '--endpoint <url>',
      'address of the server (AWS_ENDPOINT_URL; else what the settings say of host and port)',
    ),
  );
  return withSettings(command, names);
}

export async function endpointOf(flags: ServerFlags, terminal: Terminal): Promise<string> {
  const given =
    flags.endpoint ?? (flags.port === undefined ? terminal.environment['AWS_ENDPOINT_URL'] : undefined);
  if (given !== undefined) {
    if (!URL.canParse(given)) throw new CommandError(`${given} is no URL such as http://127.0.0.1:4566`);
    return given;
  }
  const { host, port } = await configOf(flags, terminal);
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** An error that the server answered. */
export class AnsweredError extends CommandError {
  /** AWS's name for it. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message === '' ? code : `${code}: ${message}`);
    this.code = code;
  }
}

/** Calls an operation of a service that speaks JSON; `target` is `<prefix>.<operation>`. Throws CommandError. */
export async function call<Output>(endpoint: string, target: string, input: object): Promise<Output> {
  let answer: Response;
  try {
    answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: JSON.stringify(input),
    });
  } catch {
    throw new CommandError(
      `no server answers at ${endpoint}; start it with \`nagare start\`, or give --endpoint`,
    );
  }
  const output: unknown = await answer.json().catch(() => undefined);
  // The caller says what the operation answers, as its model does.
  if (answer.ok && output !== undefined) return output as Output;
  throw errorOf(output, `${endpoint} answered ${answer.status}`);
}

function errorOf(output: unknown, fallback: string): CommandError {
  if (typeof output !== 'object' || output === null || !('__type' in output))
    return new CommandError(fallback);
  const code = String(output.__type).replace(/^.*#/, '');
  const message = 'message' in output ? output.message : 'Message' in output ? output.Message : '';
  return new AnsweredError(code, String(message));
}
