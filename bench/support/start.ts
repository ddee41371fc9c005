import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Start {
  readonly ms: number;
  /** Of all its threads; other processes disturb it less than the time that passes. */
  readonly cpuMs: number;
  readonly rssAnonMb: number;
}

/** Starts a server on a data folder, and stops it when it has said its address. */
export async function startMs(folder: string): Promise<Start> {
  const begun = performance.now();
  const server = spawn(
    process.execPath,
    [main, 'start', '--port', '0', '--data-dir', folder, '--log-level', 'error'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => server.once('exit', resolve));
  let printed = '';
  for await (const chunk of server.stdout) {
    printed += String(chunk);
    if (printed.includes('http://127.0.0.1')) break;
  }
  const ms = performance.now() - begun;
  const memory = await rssAnonMb(server.pid ?? 0);
  const cpu = await cpuMs(server.pid ?? 0);
  server.kill('SIGTERM');
  await ended;
  return { ms, cpuMs: cpu, rssAnonMb: memory };
}

/** Linux counts in hundredths of a second. */
async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return (Number(user) + Number(system)) * 10;
}

export async function rssAnonMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000;
}
