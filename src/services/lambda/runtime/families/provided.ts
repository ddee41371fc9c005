import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, isExecutable, type RuntimeFamily, type StartRefusal } from './family.ts';

/** Functions that bring their own runtime: a file `bootstrap` that can be executed. */
export const provided: RuntimeFamily = {
  name: 'provided',
  runtimes: ['provided', 'provided.al2', 'provided.al2023'],
  declaredAs: undefined,
  ended: [],
  extensions: [],
  baseMegabytes: 32,
  mappedMegabytes: 1024,
  requestVariable: undefined,
  missing: () => undefined,
  launch: ({ folder }) => ({
    command: join(folder, 'bootstrap'),
    args: [],
    // Many are written in the languages that are there anyway, as `#!/usr/bin/env node`.
    reads: [process.execPath, ...['node', 'python3'].flatMap((name) => findProgram(name) ?? [])],
    environment: {},
  }),
  refusal(folder) {
    const path = join(folder, 'bootstrap');
    const code = refusalOf(path);
    return code === undefined ? undefined : { command: path, code };
  },
};

/** A shell would run any text file as a script; Lambda takes what the kernel takes. */
function refusalOf(path: string): StartRefusal['code'] | undefined {
  const start = Buffer.alloc(4);
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing ? 'ENOENT' : 'EACCES';
  }
  try {
    readSync(file, start);
  } catch {
    return 'EACCES';
  } finally {
    closeSync(file);
  }
  if (!isExecutable(path)) return 'EACCES';
  const known = start.toString('latin1').startsWith('#!') || start.toString('latin1') === '\x7fELF';
  return known || process.platform !== 'linux' ? undefined : 'ENOEXEC';
}
