import { readFileSync } from 'node:fs';

/** Handles in use once a server has started: the process's own, its data folder's, its threads'. */
const STARTED_HANDLES = 40;
const STORE_HANDLES_MAX = 768;

/** How this process divides its file handles. */
export interface HandleBudget {
  /** The share of connections. The rest is for files and for the pipes of functions. */
  readonly connections: number;
  /** The share of files that stay open for reading. */
  readonly keptFiles: number;
}

export function shareHandles(handles: number): HandleBudget {
  const free = Math.max(0, handles - STARTED_HANDLES);
  const store = Math.min(STORE_HANDLES_MAX, Math.ceil(free / 2));
  return { connections: Math.max(2, free - store), keptFiles: Math.max(2, Math.floor(store / 4)) };
}

/**
 * Returns how many handles (files, sockets, pipes) this process may have. Node has raised the soft limit to the hard
 * one.
 */
export function openFilesMax(): number {
  if (process.platform === 'win32') return Infinity;
  const text = limitText();
  const limit = Number(text);
  return Number.isNaN(limit) ? Infinity : limit;
}

function limitText(): string | undefined {
  try {
    return /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  } catch {
    // Not Linux. The process report is slower, but has the limit on every platform.
    const report = process.report.getReport() as {
      readonly userLimits?: { readonly open_files?: { readonly soft?: string | number } };
    };
    return String(report.userLimits?.open_files?.soft);
  }
}
