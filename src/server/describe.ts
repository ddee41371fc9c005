import type { HttpHandler, HttpResponse } from '../http/message.ts';
import { answerCommand, isCommand } from './command.ts';
import type { Declaring } from './declare.ts';

export type { Description, TerraformImport } from '../declarations/description.ts';

export const DESCRIBE_PATH = '/_nagare/declare';

/** Answers `POST /_nagare/declare`, of `nagare declare`; undefined for other requests. */
export function describeRoute(
  declaring: Declaring,
): (request: Parameters<HttpHandler>[0]) => Promise<HttpResponse | undefined> {
  return async (request) => {
    if (request.path !== DESCRIBE_PATH) return undefined;
    if (!isCommand(request, 'declare')) return answerCommand(403, { message: 'not a command of nagare' });
    return answerCommand(200, await declaring.describe());
  };
}
