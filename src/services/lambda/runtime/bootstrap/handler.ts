import { existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeFailure } from './failure.ts';

export type Handler = (event: unknown, context: object, callback: Callback) => unknown;
export type Callback = (error: unknown, result?: unknown) => void;

/** In Lambda's order, followed by TypeScript. */
const EXTENSIONS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'];

/**
 * Loads the function that `_HANDLER` names: `folder/file.export`, where the export may be a path (`index.api.handler`).
 * `file` is the script itself if it is known. Throws RuntimeFailure with Lambda's messages.
 */
export async function loadHandler(name: string, folder: string, file: string | undefined): Promise<Handler> {
  const { moduleName, exportName } =
    file === undefined ? split(name) : splitAfter(basename(file, extname(file)), name);
  const found = exportedBy(await importFile(file ?? find(folder, moduleName)), exportName);
  if (found === undefined) {
    throw new RuntimeFailure('HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof found !== 'function') throw new RuntimeFailure('HandlerNotFound', `${name} is not a function`);
  return found as Handler;
}

interface HandlerName {
  readonly moduleName: string;
  readonly exportName: string;
}

/** The module's name ends at the first dot of the last path segment. */
function split(name: string): HandlerName {
  const [, moduleName, exportName] = /^((?:[^/]*\/)*[^./][^.]*)\.(.+)$/.exec(name) ?? [];
  if (moduleName === undefined || exportName === undefined || name.includes('..')) {
    throw new RuntimeFailure('MalformedHandlerName', 'Bad handler');
  }
  return { moduleName, exportName };
}

function splitAfter(moduleName: string, name: string): HandlerName {
  return {
    moduleName,
    exportName: name.startsWith(`${moduleName}.`) ? name.slice(moduleName.length + 1) : name,
  };
}

function find(folder: string, moduleName: string): string {
  for (const extension of EXTENSIONS) {
    const path = resolve(folder, moduleName + extension);
    if (existsSync(path) && (extension !== '' || /\.[cm]?[jt]s$/.test(path))) return path;
  }
  throw new RuntimeFailure(
    'ImportModuleError',
    `Error: Cannot find module '${basename(moduleName)}'\nRequire stack:\n- ${dirname(resolve(folder, moduleName))}`,
  );
}

async function importFile(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeFailure('UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
      throw new RuntimeFailure('ImportModuleError', `Error: ${(error as Error).message}`, error);
    }
    throw error;
  }
}

/** The exports of a CommonJS module are `default` of its namespace; some of them are not visible beside it. */
function exportedBy(namespace: Record<string, unknown>, path: string): unknown {
  return follow(namespace, path) ?? follow(namespace['default'], path);
}

function follow(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split('.')) {
    if ((typeof found !== 'object' || found === null) && typeof found !== 'function') return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
