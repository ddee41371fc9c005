import { COMMAND_HEADER } from '../server/command.ts';
import { AnsweredError, post, unexpected, type RunningServer } from './api.ts';
import { jsonOf, send, type Answer } from './connect/send.ts';
import { CommandError, exitCodes } from './terminal.ts';

export interface OwnCommand {
  readonly path: string;
  readonly command: string;
  readonly content?: object;
}

/** Sends a command to a route that only nagare has. Rejects with CommandError unless it is carried out. */
export async function ownCommand(
  server: RunningServer,
  { path, command, content = {} }: OwnCommand,
): Promise<object> {
  const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: command };
  const answer = await post(server, { path, service: 'nagare', headers, content });
  const output = jsonOf(answer);
  if (answer.ok && typeof output === 'object' && output !== null) return output;
  throw refusal(server, answer);
}

/** Reads a route that only nagare has. */
export function ownRoute(server: RunningServer, path: string): Promise<Answer> {
  return send(server, { method: 'GET', path, service: 'nagare' });
}

/** What such a route says instead of a result. */
export function refusal(server: RunningServer, answer: Answer): CommandError {
  const output = jsonOf(answer);
  const facts = typeof output === 'object' && output !== null ? output : {};
  const message = 'message' in facts ? String(facts.message) : unexpected(server, answer);
  if ('code' in facts && typeof facts.code === 'string') return new AnsweredError(facts.code, message);
  return new CommandError(message, {
    ...(answer.status === 403 && { exitCode: exitCodes.unauthorised, remedy: 'nagare help connect' }),
  });
}
