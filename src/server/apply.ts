import { ConfigError, readDeclarations } from '../config.ts';
import type { Section } from '../config/declarations.ts';
import type { HttpHandler, HttpResponse } from '../http/message.ts';
import { answerCommand, isCommand } from './command.ts';
import type { ApplyOptions, Declaring } from './declare.ts';
import { serverLimits } from './limits.ts';

export const APPLY_PATH = '/_nagare/apply';

/** What `nagare apply` sends. */
export interface ApplyRequest extends ApplyOptions {
  /** How problems call the file. */
  readonly name: string;
  readonly content: string;
}

/** Answers `POST /_nagare/apply` with what was done; undefined for any other request. */
export function applyRoute(
  declaring: Declaring,
  sections: readonly Section<unknown>[],
): (request: Parameters<HttpHandler>[0]) => Promise<HttpResponse | undefined> {
  return async (request) => {
    if (request.path !== APPLY_PATH) return undefined;
    if (!isCommand(request, 'apply')) return answerCommand(403, { message: 'no command' });
    const body = await request.body(serverLimits.applyRequestBytesMax);
    // The command that sends it is ours, of the same version.
    const { name, content, ...options } = body.json() as ApplyRequest;
    try {
      return answerCommand(200, await declaring.apply(readDeclarations(name, content, sections), options));
    } catch (error) {
      if (error instanceof ConfigError)
        return answerCommand(200, { steps: [], problems: error.message.split('\n') });
      throw error;
    }
  };
}
