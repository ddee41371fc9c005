import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, isExecutable, type RuntimeFamily, type StartRefusal } from './family.ts';

/** Functions with their own runtime: an executable file `bootstrap`. */
export const provided: RuntimeFamily = {
  name: 'provided',
  program: undefined,
  runtimes: ['provided.al2', 'provided.al2023'],
  declaredAs: undefined,
  ended: ['provided', 'go1.x'],
  extensions: [],
  baseMegabytes: 32,
  mappedMegabytes: 1024,
  requestVariable: undefined,
  launch: ({ folder, codeFolder, opt }) => ({
    command: join(isInLayer(codeFolder, opt) ? opt : folder, 'bootstrap'),
    args: [],
    // Many are written in the languages at hand, such as `#!/usr/bin/env node`.
    reads: [process.execPath, ...['node', 'python3'].flatMap((name) => findProgram(name) ?? [])],
    environment: {},
  }),
  refusal({ codeFolder, optFolder }) {
    const path = join(isInLayer(codeFolder, optFolder) ? optFolder : codeFolder, 'bootstrap');
    const code = refusalOf(path);
    return code === undefined ? undefined : { command: path, code };
  },
};

/** A runtime may come from a layer; the function's own takes precedence. */
function isInLayer(codeFolder: string, layers: string | undefined): layers is string {
  return layers !== undefined && !existsSync(join(codeFolder, 'bootstrap'));
}

/** A shell would run any text file as a script; Lambda accepts only what the kernel can execute. */
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
