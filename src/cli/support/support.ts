import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { Command } from 'commander';
import { COMMAND_HEADER } from '../../server/command.ts';
import { reasonOf } from '../../support/errno.ts';
import { systemClock } from '../../support/clock.ts';
import { namesInTar } from '../../support/tar.ts';
import { serverOf, withServer, type RunningServer, type ServerFlags } from '../api.ts';
import { request } from '../connect/request.ts';
import { nameOf, NoAnswerError, sendForBody } from '../connect/send.ts';
import { explained } from '../explain.ts';
import { cliLimits } from '../limits.ts';
import { configOf } from '../options.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { bytesText } from '../output/units.ts';
import { CommandError, type Terminal } from '../terminal.ts';
import { refusal } from '../own-routes.ts';

type SupportFlags = ServerFlags & OutputFlags & { readonly output?: string; readonly hideNames?: true };

/** `nagare support`: one archive for a maintainer. */
export function supportCommand(terminal: Terminal): Command {
  const command = new Command('support')
    .description(
      'write an archive about the server and its machine, without records, objects, code, keys or environment',
    )
    .option('--output <file>', 'the archive (default: nagare-support-<time>.tar.gz)')
    .option('--hide-names', 'replace names of streams, functions and others by hashes');
  return withServer(withJson(command), ['host', 'port', 'dataDir', 'functionIsolation']).action(
    async (flags: SupportFlags) => {
      const time = new Date().toISOString().replaceAll(/[:.]/g, '-');
      const path = resolve(terminal.workingFolder, flags.output ?? `nagare-support-${time}.tar.gz`);
      const { archive, lacking } = await archiveFor(flags, terminal);
      await writeFile(path, archive, { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
        throw explained(error, `cannot write ${path}`);
      });
      const names = namesInTar(gunzipSync(archive, { maxOutputLength: cliLimits.supportBytesMax }));
      if (lacking !== undefined)
        terminal.complain(`nagare: the archive is about this machine only: ${lacking}`);
      const text = `${path} (${bytesText(archive.length)}) has ${names.join(', ')}; look at it before you send it`;
      printResult(terminal, flags, text, { File: path, Bytes: archive.length, Contents: names });
    },
  );
}

interface Archive {
  readonly archive: Buffer;
  /** Why it has nothing of the server. */
  readonly lacking?: string;
}

/** The server's own, or one about this machine that says why there is nothing of the server. */
async function archiveFor(flags: SupportFlags, terminal: Terminal): Promise<Archive> {
  const server = await serverOf(flags, terminal);
  try {
    return { archive: await archiveOfServer(server, flags.hideNames === true) };
  } catch (error) {
    const lacking = reasonOf(error);
    const config = await configOf(flags, terminal);
    // Loaded here because only this command and doctor need it.
    const { archiveOf } = await import('../../server/support/archive.ts');
    const { machineParts } = await import('../../server/support/machine-parts.ts');
    const parts = [
      ...machineParts(config, systemClock),
      // Answered also by a server that answers nothing else.
      { name: 'health.json', make: (signal: AbortSignal) => health(server, signal) },
      { name: 'server.json', make: () => Promise.resolve({ failed: lacking }) },
    ];
    return { archive: await buffer(archiveOf(parts, systemClock, () => {})), lacking };
  }
}

async function archiveOfServer(server: RunningServer, hidesNames: boolean): Promise<Buffer> {
  if (server.endpoint === undefined) throw new CommandError(`${nameOf(server)} is no server of nagare`);
  const headers = { 'content-type': 'application/json', [COMMAND_HEADER]: 'support' };
  const signal = AbortSignal.timeout(cliLimits.supportMs);
  const answer = await sendForBody(server, {
    method: 'POST',
    path: '/_nagare/support',
    service: 'nagare',
    headers,
    body: JSON.stringify({ hidesNames }),
    signal,
  });
  if (answer.status === 404) {
    throw new CommandError(`${nameOf(server)} is no server of nagare, or one of an earlier version`);
  }
  const content = await limited(answer).catch((error: unknown) => {
    throw error instanceof CommandError ? error : new NoAnswerError(server, error);
  });
  if (answer.ok) return content;
  const { ok, status } = answer;
  throw refusal(server, { ok, status, headers: answer.headers, text: content.toString() });
}

/** What a server sends is not trusted to end. */
async function limited({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > cliLimits.supportBytesMax) throw new CommandError('its support archive is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function health(server: RunningServer, signal: AbortSignal): Promise<object> {
  if (server.endpoint === undefined) throw new Error('AWS is no server of nagare');
  return (await (await request(server, new URL('/health', server.endpoint), { signal })).json()) as object;
}
