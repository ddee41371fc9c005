import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const venv = fileURLToPath(new URL('../../.cache/venv/bin', import.meta.url));

/** Where programs are looked for: what .ci/run has installed comes first. */
export const searchPath = [venv, ...(process.env['PATH'] ?? '').split(delimiter)].join(delimiter);

/** Where a program is; undefined when it is not installed. */
export function programPath(program: string): string | undefined {
  return searchPath
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Skips the test, with the reason, where a program of others is not installed; in CI, where they all are to be,
 * it fails instead. True when the test may go on.
 */
export function hasTools(t: TestContext, ...programs: string[]): boolean {
  const missing = programs.filter((program) => programPath(program) === undefined);
  if (missing.length === 0) return true;
  const reason = `not installed: ${missing.join(', ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  t.skip(reason);
  return false;
}

/** Runs a program to its end; throws with what it printed when it fails. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    cwd: options.cwd,
    env: { ...process.env, PATH: searchPath, ...options.env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
