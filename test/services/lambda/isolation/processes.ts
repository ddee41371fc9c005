import { readdirSync, readFileSync } from 'node:fs';

/** All that a process has started, with what these have started: by process id. */
export function descendants(pid: number): number[] {
  const found: number[] = [];
  const queue = [pid];
  for (const at of queue) {
    const children = childrenOf(at);
    found.push(...children);
    queue.push(...children);
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
        .split(' ')
        .filter((text) => text !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}

/** What it was started with, its blanks for zeros; undefined when it is gone or a zombie. */
export function commandLine(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
