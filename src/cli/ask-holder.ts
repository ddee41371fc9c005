import { type RunningServer } from './api.ts';
import { nameOf, NoAnswerError } from './connect/send.ts';
import { CommandError } from './terminal.ts';
import { ownCommand } from './own-routes.ts';

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
  const endpoint = nameOf(server);
  return await ownCommand(server, { path, command, content }).catch((error: unknown) => {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new CommandError(
      `a server is using ${content.dataDir}, but none answers at ${endpoint}; specify its --port or --endpoint`,
    );
  });
}
