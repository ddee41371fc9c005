import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a process of a function is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

export type RuntimeFamily = 'nodejs' | 'python' | 'provided';

/** In the repository the bootstrap is TypeScript, in the package JavaScript; both run as they are. */
const nodeBootstrap = fileURLToPath(
  new URL(`./bootstrap/main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);
const pythonBootstrap = fileURLToPath(new URL('./bootstrap/python.py', import.meta.url));

/** Undefined for runtimes that nagare cannot run (Java, Ruby, .NET, Go). */
export function runtimeFamily(runtime: string): RuntimeFamily | undefined {
  if (runtime.startsWith('nodejs')) return 'nodejs';
  if (runtime.startsWith('python')) return 'python';
  if (runtime.startsWith('provided')) return 'provided';
  return undefined;
}

/** Why functions of that family cannot run on this machine; undefined when they can. */
export function missingForFamily(family: RuntimeFamily): string | undefined {
  if (family !== 'python' || findProgram('python3') !== undefined) return undefined;
  return 'no python3 was found on the PATH of the server';
}

/** What runs a function of that family; its code lies in `folder`. */
export function launchOf(family: RuntimeFamily, folder: string, memoryMegabytes: number): Launch {
  switch (family) {
    case 'nodejs':
      return { command: process.execPath, args: [`--max-old-space-size=${memoryMegabytes}`, nodeBootstrap] };
    case 'python':
      return { command: findProgram('python3') ?? 'python3', args: ['-B', pythonBootstrap] };
    case 'provided':
      return { command: join(folder, 'bootstrap'), args: [] };
  }
}

function findProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && isExecutable(path)) return path;
  }
  return undefined;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
