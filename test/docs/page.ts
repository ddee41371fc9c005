import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { mainPath } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { searchPath } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { reservePort } from '../support/ports.ts';

export const howTo = fileURLToPath(new URL('../../docs/how-to', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A page of docs/how-to is run as a reader would follow it, in an empty folder:
 *
 * - a fence after a line that ends in a file name, such as "`reader.py`:", is written to that file;
 * - a `sh` fence is run by bash; exported variables and the working folder are kept for the next one;
 * - one whose last command is `nagare start` (or `npm start`) runs in the background until the page stops it or ends,
 *   and the exports that it prints are made, as the pages ask the reader to do;
 * - a `text` fence is what the `sh` fence before it prints; `...` stands for anything;
 * - `<!-- test: stop -->` stops the server, `<!-- test: repeat -->` repeats the next `sh` fence until it prints what
 *   the page says, and `<!-- test: skip, <reason> -->` leaves the next fence out.
 *
 * Only the port is another one than on the page. A page that starts no server gets one.
 */
export type Step =
  | { readonly kind: 'file'; readonly name: string; readonly content: string; readonly line: number }
  | {
      readonly kind: 'command' | 'server';
      readonly script: string;
      readonly expected?: string;
      readonly repeated: boolean;
      readonly line: number;
    }
  | { readonly kind: 'stop'; readonly line: number };

/** For one fence: programs may have to be downloaded. */
const COMMAND_MS = 180_000;
const REPEATED_FOR_MS = 60_000;
const DIRECTIVE = /^<!-- test: (stop|repeat|skip, .+) -->$/;

export function stepsOf(markdown: string): Step[] {
  const steps: Step[] = [];
  const lines = markdown.split('\n');
  let before = '';
  let directive = '';
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? '';
    const [, told] = DIRECTIVE.exec(text) ?? [];
    if (told === 'stop') steps.push({ kind: 'stop', line: at + 1 });
    else if (told !== undefined) directive = told;
    else if (text.startsWith('```')) {
      const line = at + 1;
      const end = lines.indexOf('```', line);
      const content = `${lines.slice(line, end).join('\n')}\n`;
      if (!directive.startsWith('skip')) {
        addFence(steps, { language: text.slice(3), before, content, line, repeated: directive === 'repeat' });
      }
      directive = '';
      before = '';
      at = end;
    } else if (text.trim() !== '') before = text;
  }
  return steps;
}

interface Fence {
  readonly language: string;
  /** The last line of text above it. */
  readonly before: string;
  readonly content: string;
  readonly line: number;
  readonly repeated: boolean;
}

function addFence(steps: Step[], { language, before, content, line, repeated }: Fence): void {
  const [, name] = /`([^`\s]+\.\w+)`:$/.exec(before) ?? [];
  if (language === 'sh') {
    const isServer = /(?:^|\n)[^\n]*\b(?:nagare start|npm start)\b[^\n]*\n$/.test(content);
    steps.push({ kind: isServer ? 'server' : 'command', script: content, repeated, line });
  } else if (language === 'text') {
    const last = steps.at(-1);
    if (last?.kind !== 'command') throw new Error(`line ${line}: a text fence follows what prints it`);
    steps[steps.length - 1] = { ...last, expected: content };
  } else if (name !== undefined) {
    steps.push({ kind: 'file', name, content, line });
  }
}

/**
 * Runs a page from its first fence to its last, in a folder that `prepare` may have put something into. Throws with
 * what was printed where something fails; resolves with the folder.
 */
export async function runPage(page: string, prepare?: (folder: string) => Promise<void>): Promise<string> {
  const steps = stepsOf(await readFile(join(howTo, page), 'utf8'));
  await using reader = await openReader();
  await prepare?.(reader.folder);
  if (!steps.some(({ kind }) => kind === 'server')) await reader.startServer('nagare start\n');
  for (const step of steps) {
    try {
      await follow(reader, step);
    } catch (error) {
      throw new Error(`docs/how-to/${page}:${step.line}: ${String(error)}`, { cause: error });
    }
  }
  return reader.folder;
}

async function follow(reader: Reader, step: Step): Promise<void> {
  switch (step.kind) {
    case 'file':
      return await reader.write(step.name, step.content);
    case 'stop':
      return await reader.stopServer();
    case 'server':
      return await reader.startServer(step.script);
    case 'command': {
      const { script, expected, repeated } = step;
      let output = await reader.run(script);
      if (expected === undefined) return;
      if (repeated) {
        const deadline = performance.now() + REPEATED_FOR_MS;
        while (!matches(output, expected) && performance.now() < deadline) output = await reader.run(script);
      }
      if (!matches(output, expected)) throw new Error(`${script}printed\n${output}and not\n${expected}`);
    }
  }
}

export function matches(output: string, expected: string): boolean {
  const pattern = expected
    .trim()
    .split('...')
    .map((part) => part.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    .join('[^]*?');
  return new RegExp(`^${pattern}$`).test(stripVTControlCharacters(output).trim());
}

interface Reader extends AsyncDisposable {
  readonly folder: string;
  write(name: string, content: string): Promise<void>;
  /** Runs it to its end; resolves with what it printed. */
  run(script: string): Promise<string>;
  startServer(script: string): Promise<void>;
  stopServer(): Promise<void>;
}

/** A reader of the page: an empty folder, a terminal, and programs on the path. */
async function openReader(): Promise<Reader> {
  const home = await temporaryFolder();
  const folder = join(home, 'work');
  const state = join(home, 'state');
  const bin = join(home, 'bin');
  await mkdir(folder);
  await mkdir(bin);
  await writeFile(join(bin, 'nagare'), `#!/bin/sh\nexec '${process.execPath}' '${mainPath}' "$@"\n`);
  await chmod(join(bin, 'nagare'), 0o755);
  await writeFile(state, `cd '${folder}'\n`);
  const port = String((await reservePort()).port);
  const environment = { ...environmentOf(home, bin), NAGARE_PORT: port };
  let server: ChildProcess | undefined;

  const shell = (script: string, after: string): ChildProcess => {
    const whole = `set -eo pipefail\nsource '${state}'\n${script.replaceAll('4566', port)}${after}`;
    return spawn('bash', ['-c', whole], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  };

  async function run(script: string): Promise<string> {
    const child = shell(script, `{ export -p; echo "cd '$PWD'"; } >'${state}'\n`);
    const printed = collect(child);
    const timer = setTimeout(() => killGroup(child, 'SIGKILL'), COMMAND_MS);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(timer);
    if (code !== 0) throw new Error(`${script}ended with ${code}\n${printed.output}${printed.errors}`);
    return printed.output;
  }

  async function startServer(script: string): Promise<void> {
    await stopServer();
    server = shell(script, '');
    const child = server;
    const printed = collect(child);
    const exports = /^ +export .*=.*\n +export .*=.*$/m;
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`${script}ended\n${printed.output}${printed.errors}`);
        return exports.test(printed.output);
      },
      { what: script, withinMs: 120_000 },
    );
    // A server with a root key prints placeholders for it: the page exports the key.
    const printedExports = exports.exec(printed.output)?.[0] ?? '';
    await run(`${printedExports.replaceAll(/AWS_\w+=<[^>]*> ?/g, '')}\n`);
  }

  async function stopServer(): Promise<void> {
    const child = server;
    server = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const closed = once(child, 'close');
    killGroup(child, 'SIGINT');
    await closed;
  }

  return {
    folder,
    run,
    startServer,
    stopServer,
    async write(name, content) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content.replaceAll('4566', port));
    },
    [Symbol.asyncDispose]: stopServer,
  };
}

/** The developer's own terminal, without what they have set for AWS or for nagare. */
function environmentOf(home: string, bin: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|NAGARE_|NODE_TEST|NODE_COMPILE)/.test(name),
  );
  return {
    ...Object.fromEntries(own),
    PATH: [bin, join(root, 'node_modules', '.bin'), searchPath].join(delimiter),
    AWS_CONFIG_FILE: join(home, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    PYTHONUNBUFFERED: '1',
  };
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

function collect(child: ChildProcess): { output: string; errors: string } {
  const printed = { output: '', errors: '' };
  child.stdout?.on('data', (chunk: Buffer) => (printed.output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed.errors += chunk.toString()));
  return printed;
}
