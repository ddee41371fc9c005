import { logTo, type Log } from '../../src/support/log.ts';

/** What the server's own logger writes: each line as its level, its message, and whether a stack comes with it. */
export function recordedLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (json: string): void => {
    const { level, msg, err } = JSON.parse(json) as LogLine;
    const hasStack = err?.stack !== undefined && err.stack !== '';
    lines.push(`${levels[level] ?? level}${hasStack ? ' with a stack' : ''}: ${msg}`);
  };
  return { log: logTo({ write }, 'debug'), lines };
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly err?: { readonly stack?: string };
}

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };
