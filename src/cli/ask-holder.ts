import { COMMAND_HEADER } from '../server/command.ts';
import { post, type RunningServer } from './api.ts';
import { CommandError } from './terminal.ts';

export interface HolderCommand {
  readonly path: string;
  readonly command: string;
  readonly content: { readonly dataDir: string };
}

/** Sends a command to the server that holds a data folder. Throws CommandError unless it answers with status 2xx. */
export async function askHolder(
  server: RunningServer,
  { path, command, content }: HolderCommand,
): Promise<unknown> {
  const { endpoint } = server;
  const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: command };
  const answer = await post(server, { path, service: 'nagare', headers, content }).catch(() => {
    throw new CommandError(
      `a server is using ${content.dataDir}, but none answers at ${endpoint}; specify its --port or --endpoint`,
    );
  });
  const output: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && output !== undefined) return output;
  const isTold = typeof output === 'object' && output !== null && 'message' in output;
  throw new CommandError(isTold ? String(output.message) : `${endpoint} answered ${answer.status}`);
}
