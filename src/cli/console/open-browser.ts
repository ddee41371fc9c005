import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CommandError, type Terminal } from '../terminal.ts';

const PROGRAMS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' };

/** Starts the browser, which goes on by itself. Rejects with CommandError if there is none. */
export async function openBrowser(url: string, environment: Terminal['environment']): Promise<void> {
  const program = environment['BROWSER'] ?? PROGRAMS[process.platform] ?? 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    throw new CommandError(`cannot start ${program}`, {
      why: 'there is no such program',
      remedy: 'open the printed address yourself, or set BROWSER',
    });
  }
  child.unref();
}
