import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Private and shared memory in use, without the pages of programs and libraries. */
  readonly usedBytes: number;
  /** The peak resident memory of each process, with its program. */
  readonly peakBytes: number;
}

/** A function with more processes soon reaches its process limit. */
const PROCESSES_READ_MAX = 256;

/**
 * The memory of a process and its descendants, as Linux reports it; undefined on other systems and when the process has
 * ended.
 */
export function memoryOfTree(pid: number | undefined): ProcessMemory | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  let usedBytes = 0;
  let peakBytes = 0;
  let found = false;
  const queue = [String(pid)];
  for (let at = 0; at < queue.length && at < PROCESSES_READ_MAX; at++) {
    const path = `/proc/${queue[at]}`;
    try {
      const status = readFileSync(`${path}/status`, 'latin1');
      usedBytes += kibibytes(status, 'RssAnon') + kibibytes(status, 'RssShmem');
      peakBytes += kibibytes(status, 'VmHWM');
      found = true;
      for (const thread of readdirSync(`${path}/task`)) {
        queue.push(...readFileSync(`${path}/task/${thread}/children`, 'latin1').split(' ').filter(isNumber));
      }
    } catch {
      // It ended during the scan.
    }
  }
  return found ? { usedBytes: usedBytes * 1024, peakBytes: peakBytes * 1024 } : undefined;
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}

function isNumber(text: string): boolean {
  return text !== '';
}
