import { type AccessKeys, nobody } from '../auth/identity.ts';
import type { Principal } from '../auth/principal.ts';
import type { HeldAnswers } from '../http/held-answers.ts';
import { BodyTooLargeError, type HttpRequest, type HttpResponse } from '../http/message.ts';
import type { WebPages } from '../protocol/web-pages.ts';
import type { Log } from '../support/log.ts';
import { version } from '../support/version.ts';
import { badRequest, ConsoleError, errorAnswer, json, protectedAnswer } from './answers.ts';
import { bodyOf, ConsoleApi } from './api.ts';
import type { Assets } from './assets.ts';
import { Caller, type CallerGuard } from './caller.ts';
import { textOf } from './input.ts';
import { openAnswers } from './open-answers.ts';
import { type LoginToken, same, type Session, Sessions } from './sessions.ts';
import type { Views } from './views.ts';

export const CONSOLE_PATH = '/_nagare/console/';
/** Pages of other sites cannot send it without asking first. */
const PAGE_HEADER = 'x-nagare-console';
const COOKIE = 'nagare-console';

export interface ConsoleOptions {
  readonly mode: 'on' | 'read-only';
  readonly views: Views;
  readonly assets: Assets;
  /** Says why a request of a page is not admitted. */
  readonly refusal: (request: HttpRequest) => string | undefined;
  /** Whether the host of the request names a bucket. */
  readonly namesBucket: (request: HttpRequest) => boolean;
  /** Absent with `--auth off`. */
  readonly keys: AccessKeys | undefined;
  readonly guard: CallerGuard | undefined;
  /** Called for a wrong key. Returns by how many milliseconds the refusal is sent later. */
  readonly onWrongKey: (request: HttpRequest) => number;
  readonly log: Log;
}

interface Visitor {
  readonly caller: Caller;
  /** Undefined with `--auth off`. */
  readonly session: Session | undefined;
}

/** The web console: its pages, its login and its API, all below one path. */
export class Console implements WebPages {
  readonly #options: ConsoleOptions;
  readonly #api: ConsoleApi;
  readonly #sessions: Sessions | undefined;
  readonly #sending: HeldAnswers<Session> | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#api = new ConsoleApi(options.views, options.mode === 'read-only');
    this.#sessions = options.keys && new Sessions(options.keys, options.views.clock);
    this.#sending = this.#sessions && openAnswers(this.#sessions, options.views.clock, options.log);
  }

  isFor(request: HttpRequest): boolean {
    const { path } = request;
    if (path.startsWith('/_nagare/')) {
      return path.startsWith(CONSOLE_PATH) || path === CONSOLE_PATH.slice(0, -1);
    }
    return path === '/' && this.#isVisit(request);
  }

  /** A person has opened the server in a browser. */
  #isVisit(request: HttpRequest): boolean {
    const { method, query, headers } = request;
    if (method !== 'GET' || query !== '' || headers.authorization !== undefined) return false;
    return headers.accept?.includes('text/html') === true && !this.#options.namesBucket(request);
  }

  async answer(request: HttpRequest, identified: (principal: Principal) => void): Promise<HttpResponse> {
    const refusal = this.#options.refusal(request);
    if (refusal !== undefined) return errorAnswer(new ConsoleError(403, 'AccessDenied', refusal));
    try {
      return protectedAnswer(await this.#answer(request, identified));
    } catch (error) {
      return protectedAnswer(this.#explained(error, request));
    }
  }

  #explained(error: unknown, request: HttpRequest): HttpResponse {
    if (error instanceof ConsoleError) return errorAnswer(error);
    if (error instanceof BodyTooLargeError) {
      return errorAnswer(new ConsoleError(413, 'RequestTooLarge', error.message));
    }
    this.#options.log.error({ err: error, path: request.path }, 'a request of the console failed');
    return errorAnswer(
      new ConsoleError(500, 'InternalError', 'The request failed: see the log of the server.'),
    );
  }

  async #answer(request: HttpRequest, identified: (principal: Principal) => void): Promise<HttpResponse> {
    const { path, method } = request;
    // Relative, so that it holds behind a proxy that adds a path.
    if (path === '/') return { status: 302, headers: { Location: CONSOLE_PATH.slice(1) } };
    if (path.length < CONSOLE_PATH.length) return { status: 302, headers: { Location: 'console/' } };
    const rest = path.slice(CONSOLE_PATH.length);
    if (!rest.startsWith('api/')) {
      if (method !== 'GET' && method !== 'HEAD') throw new ConsoleError(405, 'MethodNotAllowed', 'Use GET.');
      return await this.#options.assets.answer(rest, request);
    }
    if (method !== 'GET' && request.headers[PAGE_HEADER] === undefined) {
      throw new ConsoleError(
        403,
        'AccessDenied',
        `A request that is no GET needs the header ${PAGE_HEADER}.`,
      );
    }
    const name = rest.slice('api/'.length);
    if (name === 'login' && method === 'POST') return await this.#login(request);
    const visitor = await this.#visitorOf(request);
    if (name === 'session' && method === 'GET') return json(this.#describe(visitor));
    if (visitor === undefined) throw new ConsoleError(401, 'LoginRequired', 'Log in first.');
    checkCsrf(request, visitor.session);
    if (name === 'logout' && method === 'POST') return this.#logout(request);
    identified(visitor.caller.principal('nagare'));
    const answer = await this.#api.answer(name, request, visitor.caller, visitor.session);
    return visitor.session === undefined ? answer : (this.#sending?.hold(answer, visitor.session) ?? answer);
  }

  /** Undefined for somebody who must log in first. */
  async #visitorOf(request: HttpRequest): Promise<Visitor | undefined> {
    const { views, guard } = this.#options;
    const callerOf = (identity: Caller['identity']) => new Caller(identity, request, views.region, guard);
    if (this.#sessions === undefined) {
      return { caller: callerOf(nobody('unverified', views.accountId)), session: undefined };
    }
    const cookie = cookieOf(request);
    const found = cookie === undefined ? undefined : await this.#sessions.find(cookie);
    return found && { caller: callerOf(found.identity), session: found.session };
  }

  #describe(visitor: Visitor | undefined): object {
    const { mode, views } = this.#options;
    const common = {
      auth: this.#sessions === undefined ? 'off' : 'required',
      mode,
      region: views.region,
      accountId: views.accountId,
    };
    if (visitor === undefined) return { ...common, isLoggedIn: false };
    const { caller, session } = visitor;
    return {
      ...common,
      version: version(),
      isLoggedIn: true,
      who: this.#sessions === undefined ? undefined : caller.identity.arn,
      csrf: session?.csrf,
    };
  }

  async #login(request: HttpRequest): Promise<HttpResponse> {
    if (this.#sessions === undefined) throw badRequest('This server needs no login.');
    const input = await bodyOf(request);
    const token = textOf(input, 'token', '');
    const opened =
      token === ''
        ? await this.#sessions.open({
            accessKeyId: textOf(input, 'accessKeyId'),
            secretAccessKey: textOf(input, 'secretAccessKey'),
            sessionToken: textOf(input, 'sessionToken', '') || undefined,
          })
        : await this.#sessions.openByToken(token);
    if (opened === undefined) {
      const refused =
        token === ''
          ? new ConsoleError(403, 'WrongKey', 'The access key and the secret do not belong together.')
          : new ConsoleError(
              403,
              'WrongToken',
              'This link was used already, or is too old: ask for another.',
            );
      return { ...errorAnswer(refused), delayMs: this.#options.onWrongKey(request) };
    }
    return json({ csrf: opened.session.csrf }, 200, { 'Set-Cookie': cookie(opened.cookie, request) });
  }

  /**
   * A token that logs somebody in once, who has shown to have the key. Undefined where no login is needed.
   */
  newLogin(accessKeyId: string, sessionToken: string | undefined): LoginToken {
    return this.#sessions?.newLogin(accessKeyId, sessionToken) ?? { token: undefined, expiresMs: undefined };
  }

  #logout(request: HttpRequest): HttpResponse {
    const given = cookieOf(request);
    if (given !== undefined) this.#sessions?.close(given);
    return json({}, 200, { 'Set-Cookie': `${cookie('', request)}; Max-Age=0` });
  }

  /** Ends the event streams. */
  close(): Promise<void> {
    void this.#sending?.close();
    return this.#api.close();
  }
}

/** Without a path the browser takes the folder of the request, `api/`, as it sees it behind a proxy. */
function cookie(value: string, { secure, headers }: HttpRequest): string {
  const isSecure = secure || headers['x-forwarded-proto'] === 'https';
  return `${COOKIE}=${value}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

function cookieOf({ headers }: HttpRequest): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1];
}

function checkCsrf({ method, headers }: HttpRequest, session: Session | undefined): void {
  if (method === 'GET' || session === undefined) return;
  const given = headers[PAGE_HEADER];
  if (typeof given !== 'string' || !same(given, session.csrf)) {
    throw new ConsoleError(403, 'WrongToken', 'Reload the page: it belongs to an earlier session.');
  }
}
