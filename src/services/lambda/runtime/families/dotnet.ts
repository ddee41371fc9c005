import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, namesIn, type FunctionFiles, type RuntimeFamily } from './family.ts';

/** Lambda's runtime interface client for .NET. */
const CLIENT = 'Amazon.Lambda.RuntimeSupport.dll';

/**
 * .NET, run by the dotnet on the server's PATH. The handler is the name of an executable assembly, which has the client
 * among its libraries, or `assembly::type::method` of a class library, which the client in the runtime folder loads.
 */
export const dotnet: RuntimeFamily = {
  name: 'dotnet',
  program: 'dotnet',
  runtimes: ['dotnet6', 'dotnet8', 'dotnet10'],
  declaredAs: undefined,
  ended: ['dotnetcore1.0', 'dotnetcore2.0', 'dotnetcore2.1', 'dotnetcore3.1'],
  extensions: [],
  baseMegabytes: 128,
  // Code that is compiled at run time, and the structures of the garbage collector.
  mappedMegabytes: 2048,
  requestVariable: undefined,
  lacks({ handler, names, clientFolder }) {
    const { assembly, isLibrary } = handlerOf(handler);
    if (isLibrary) {
      if (!isIn(clientFolder, CLIENT)) {
        return `the handler ${handler} is a method of a class library, and the runtime folder has no executable ${CLIENT}`;
      }
      const missing = ['.deps.json', '.runtimeconfig.json'].find((end) => !hasEnding(names, assembly, end));
      return missing && `the zip has no ${assembly}${missing}`;
    }
    if (names.includes(`${assembly}.dll`)) {
      return names.includes(CLIENT) ? undefined : `the zip has no ${CLIENT} with its dependencies`;
    }
    return names.includes(assembly) ? undefined : `the zip has neither ${assembly}.dll nor ${assembly}`;
  },
  launch({ handler, folder, codeFolder, clientFolder, memoryMegabytes, reaches }) {
    // .NET finds its parts beside the program itself, which is usually reached through a link.
    const command = realPath(findProgram('dotnet', reaches) ?? findProgram('dotnet') ?? 'dotnet');
    const root = dirname(command);
    const rest = {
      reads: [root, ...(clientFolder === undefined ? [] : [clientFolder])],
      environment: { DOTNET_ROOT: root },
      defaults: { DOTNET_GCHeapHardLimit: `0x${(memoryMegabytes * 1024 * 1024).toString(16)}` },
    };
    const { assembly, isLibrary } = handlerOf(handler);
    if (isLibrary) {
      const names = namesIn(codeFolder);
      const file = (end: string) => join(folder, nameWithEnding(names, assembly, end) ?? `${assembly}${end}`);
      const args = ['exec', '--depsfile', file('.deps.json'), '--runtimeconfig', file('.runtimeconfig.json')];
      return { command, args: [...args, join(clientFolder ?? folder, CLIENT), handler], ...rest };
    }
    const isAssembly = existsSync(join(codeFolder, `${assembly}.dll`));
    if (!isAssembly) return { command: join(folder, assembly), args: [], ...rest };
    return { command, args: ['exec', join(folder, `${assembly}.dll`)], ...rest };
  },
  refusal({ handler, codeFolder, clientFolder }: FunctionFiles) {
    const { assembly, isLibrary } = handlerOf(handler);
    if (isLibrary) return isIn(clientFolder, CLIENT) ? undefined : { command: CLIENT, code: 'ENOENT' };
    const isPresent = [`${assembly}.dll`, assembly].some((name) => isIn(codeFolder, name));
    return isPresent ? undefined : { command: `${assembly}.dll`, code: 'ENOENT' };
  },
};

function handlerOf(handler: string): { readonly assembly: string; readonly isLibrary: boolean } {
  const colon = handler.indexOf(':');
  return colon < 0
    ? { assembly: handler.replace(/\.dll$/, ''), isLibrary: false }
    : { assembly: handler.slice(0, colon), isLibrary: true };
}

function isIn(folder: string | undefined, name: string): boolean {
  return folder !== undefined && existsSync(join(folder, name));
}

function hasEnding(names: readonly string[], assembly: string, ending: string): boolean {
  return nameWithEnding(names, assembly, ending) !== undefined;
}

/** The file of the assembly, or the only one of its kind, as Lambda finds it. */
function nameWithEnding(names: readonly string[], assembly: string, ending: string): string | undefined {
  if (names.includes(`${assembly}${ending}`)) return `${assembly}${ending}`;
  const [only, ...others] = names.filter((name) => name.endsWith(ending) && !name.includes('/'));
  return others.length === 0 ? only : undefined;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
