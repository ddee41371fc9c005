import { ConfigError, readDeclarations } from '../config.ts';
import type { Section } from '../config/declarations.ts';
import type { HttpHandler, HttpResponse } from '../http/message.ts';
import { answerCommand, isCommand } from './command.ts';
import type { ApplyOptions, Declaring } from './declare.ts';
import { serverLimits } from './limits.ts';

export const APPLY_PATH = '/_nagare/apply';

/** The request of `nagare apply`. */
export interface ApplyRequest extends ApplyOptions {
  /** The file's name in messages. */
  readonly name: string;
  readonly content: string;
}

/** Answers `POST /_nagare/apply` with what was done; undefined for other requests. */
export function applyRoute(
  declaring: Declaring,
  sections: readonly Section<unknown>[],
): (request: Parameters<HttpHandler>[0]) => Promise<HttpResponse | undefined> {
  return async (request) => {
    if (request.path !== APPLY_PATH) return undefined;
    if (!isCommand(request, 'apply')) return answerCommand(403, { message: 'not a command of nagare' });
    const body = await request.body(serverLimits.applyRequestBytesMax);
    // Sent by nagare's own command of the same version.
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
