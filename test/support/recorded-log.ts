import type { Log } from '../../src/support/log.ts';

/** What is logged, each as its level, its line, and whether a stack comes with it. */
export function recordedLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const level =
    (name: string) =>
    (...args: unknown[]): void => {
      const [fields, message] = typeof args[0] === 'string' ? [{}, args[0]] : [args[0], String(args[1])];
      const hasStack = Object.values(fields as object).some((value) => value instanceof Error);
      lines.push(`${name}${hasStack ? ' with a stack' : ''}: ${message}`);
    };
  return {
    log: { debug: level('debug'), info: level('info'), warn: level('warn'), error: level('error') },
    lines,
  };
}
