import { Command } from 'commander';
import { serverOf, withServer, type RunningServer, type ServerFlags } from './api.ts';
import { request } from './connect/request.ts';
import { nameOf } from './connect/send.ts';
import { printResult, withJson, type OutputFlags } from './output/output.ts';
import type { Terminal } from './terminal.ts';
import { version } from '../support/version.ts';

/** `nagare version`: of this program, of Node, and of the server. */
export function versionCommand(terminal: Terminal): Command {
  const command = new Command('version').description('print the versions of this program and of the server');
  return withServer(withJson(command)).action(async (flags: ServerFlags & OutputFlags) => {
    const server = await serverOf(flags, terminal);
    const found = server.endpoint === undefined ? undefined : await serverVersion(server);
    const says = found ?? (server.endpoint === undefined ? 'AWS' : 'no answer');
    const text = `nagare  ${version()}\nnode    ${process.versions.node}\nserver  ${says} at ${nameOf(server)}`;
    const result = {
      nagare: version(),
      node: process.versions.node,
      server: found ?? null,
      endpoint: nameOf(server),
    };
    printResult(terminal, flags, text, result);
  });
}

/** Undefined if no server of nagare answers. */
async function serverVersion(server: RunningServer): Promise<string | undefined> {
  try {
    const answer: unknown = await (await request(server, new URL('/health/live', server.endpoint))).json();
    const isHealth = typeof answer === 'object' && answer !== null && 'version' in answer;
    return isHealth ? String(answer.version) : undefined;
  } catch {
    return undefined;
  }
}
