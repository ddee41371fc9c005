import type { Principal } from '../auth/principal.ts';
import type { Console } from '../console/console-pages.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { answerCommand, isCommand } from './command.ts';

export const CONSOLE_LOGIN_PATH = '/_nagare/console-login';

/** Gives the signer of a request a token that logs in to the console once, for `nagare console login`. */
export function consoleLoginRoute(pages: Console | undefined) {
  return async (request: HttpRequest, { scope }: Principal): Promise<HttpResponse | undefined> => {
    if (request.path !== CONSOLE_LOGIN_PATH || !isCommand(request, 'console-login')) return undefined;
    if (pages === undefined) return answerCommand(409, { message: 'The console is off (--console off).' });
    const token = request.headers['x-amz-security-token'];
    const sessionToken = typeof token === 'string' ? token : undefined;
    return answerCommand(200, pages.newLogin(scope?.accessKeyId ?? '', sessionToken));
  };
}
