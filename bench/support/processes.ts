import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

export interface Running {
  readonly port: number;
  readonly process: ChildProcess;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a program of this repository, or of the one in `folder`, and resolves when it has printed an http address. */
export async function startProgram(args: readonly string[], folder = root): Promise<Running> {
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('exit', (code) =>
      reject(new Error(`${args.join(' ')} exited with ${code} before it listened`)),
    );
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { port, process: child, stop, [Symbol.asyncDispose]: stop };
}

export const startBareServer = (): Promise<Running> => startProgram(['bench/support/bare-server.ts']);

export const startBareHttp2Server = (): Promise<Running> =>
  startProgram(['bench/support/bare-http2-server.ts']);

export const startKinesalite = (): Promise<Running> => startProgram(['bench/support/kinesalite-server.mjs']);

export const startKinesisLocal = (): Promise<Running> =>
  startProgram(['bench/support/kinesis-local-server.mjs']);

/** A nagare of its own with an empty data folder, which `stop` removes. */
export const startNagare = (...flags: readonly string[]): Promise<Running> => startNagareOf(root, ...flags);

/** As startNagare, of the checkout in a folder. */
export async function startNagareOf(checkout = root, ...flags: readonly string[]): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const args = ['src/main.ts', 'start', '--port', '0', '--data-dir', folder, ...flags];
  const running = await startProgram(args, checkout);
  const stop = async (): Promise<void> => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...running, stop, [Symbol.asyncDispose]: stop };
}

/** Linux counts processor time in these. */
const TICK_MS = 10;

/** The processor time that a process has used so far. */
export async function processorMs({ process }: Pick<Running, 'process'>): Promise<number> {
  const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
