import { Command } from 'commander';
import { CONSOLE_LOGIN_PATH } from '../../server/console-login.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { request } from '../connect/request.ts';
import { nameOf, NoAnswerError } from '../connect/send.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { CommandError, exitCodes, type Terminal } from '../terminal.ts';
import { openBrowser } from './open-browser.ts';
import { ownCommand } from '../own-routes.ts';

type ConsoleFlags = ServerFlags & OutputFlags & { readonly open?: true };

const PATH = '/_nagare/console/';

/** `nagare console`: where the web console is. */
export function consoleCommand(terminal: Terminal): Command {
  return new Command('console')
    .description('the web console')
    .addCommand(showCommand(terminal), { isDefault: true })
    .addCommand(loginCommand(terminal));
}

function showCommand(terminal: Terminal): Command {
  const command = new Command('show').description('print the address of the web console, or open it');
  return withOpen(command).action(async (flags: ConsoleFlags) => {
    const { url, session } = await consoleOf(await serverOf(flags, terminal));
    await show(terminal, flags, url, { Url: url, Mode: session.mode, LoginRequired: session.auth !== 'off' });
  });
}

function loginCommand(terminal: Terminal): Command {
  const command = new Command('login').description(
    'print a link that logs in to the web console with your key, or open it; it works once, for five minutes',
  );
  return withOpen(command).action(async (flags: ConsoleFlags) => {
    const server = await serverOf(flags, terminal);
    const { url } = await consoleOf(server);
    const { token, expiresMs } = await newLogin(server);
    const link = token === undefined ? url : `${url}#/login?token=${token}`;
    const Expires = expiresMs === undefined ? null : new Date(expiresMs).toISOString();
    await show(terminal, flags, link, { Url: link, Expires });
  });
}

function withOpen(command: Command): Command {
  return withServer(
    withJson(command.option('--open', 'open it in the browser ($BROWSER, or that of the system)')),
  );
}

async function show(terminal: Terminal, flags: ConsoleFlags, url: string, result: object): Promise<void> {
  printResult(terminal, flags, url, result);
  if (flags.open === true) await openBrowser(url, terminal.environment);
}

interface Session {
  readonly mode: string;
  readonly auth: string;
}

async function consoleOf(
  server: RunningServer,
): Promise<{ readonly url: string; readonly session: Session }> {
  if (server.endpoint === undefined) throw new CommandError(`${nameOf(server)} has no console of nagare`);
  const url = new URL(server.endpoint.replace(/\/$/, '') + PATH).href;
  // Without keys: they are none of a session.
  const answer = await request(server, new URL('api/session', url)).catch((error: unknown) => {
    throw new NoAnswerError(server, error);
  });
  const session: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && typeof session === 'object' && session !== null && 'mode' in session && 'auth' in session)
    return { url, session: { mode: String(session.mode), auth: String(session.auth) } };
  throw new CommandError(`there is no console at ${url}`, {
    exitCode: exitCodes.notFound,
    why: 'the server runs with --console off, or is no server of nagare',
  });
}

interface Login {
  readonly token?: string;
  readonly expiresMs?: number;
}

async function newLogin(server: RunningServer): Promise<Login> {
  // What the route answers.
  return await ownCommand(server, { path: CONSOLE_LOGIN_PATH, command: 'console-login' });
}
