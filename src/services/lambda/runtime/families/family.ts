import { accessSync, constants, existsSync, readdirSync, realpathSync, type Dirent } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The program that runs a function, as the function's process sees its own files. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Files and folders of this machine that the program reads, besides the system's and the function's own. */
  readonly reads: readonly string[];
  /** Variables for the program alone; it keeps them from the handler. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface LaunchOptions {
  /** The function's code, as its process sees it. */
  readonly folder: string;
  /** The handler's own file: functions declared in nagare.yaml have one. */
  readonly handlerFile: string | undefined;
  readonly memoryMegabytes: number;
  /** Folders whose packages a function finds when they are missing beside its handler. */
  readonly packageFolders: readonly string[];
  /** Where compiled code is found, as its process sees it; undefined while there is none. */
  readonly compileCache: string | undefined;
  /** Whether the function can use this program of the machine. */
  readonly reaches: (path: string) => boolean;
}

/** What runtimes of one language share. A new language is one file beside this one, and a line in index.ts. */
export interface RuntimeFamily {
  readonly name: string;
  /** Lambda's identifiers that functions are created with, oldest first. */
  readonly runtimes: readonly string[];
  /** What functions that nagare.yaml declares are said to have. */
  readonly declaredAs: string | undefined;
  /** Identifiers that AWS no longer creates functions with. */
  readonly ended: readonly string[];
  /** Extensions of handler files in nagare.yaml. */
  readonly extensions: readonly string[];
  /** Memory that the language takes before any handler does: a function may use this and its MemorySize. */
  readonly baseMegabytes: number;
  /** Writable memory that the runtime maps without using it: what RLIMIT_DATA adds to the memory allowed. */
  readonly mappedMegabytes: number;
  /** The variable by which its bootstrap is told for which invocation it is started. */
  readonly requestVariable: string | undefined;
  /** Why such functions cannot run on this machine; undefined when they can. */
  missing(): string | undefined;
  launch(options: LaunchOptions): Launch;
  /** Why the code in this folder of the machine cannot be started; undefined when it can. */
  refusal(folder: string): StartRefusal | undefined;
}

/** Why a program cannot be started, by the system's own code. */
export interface StartRefusal {
  readonly command: string;
  readonly code: 'ENOENT' | 'EACCES' | 'ENOEXEC';
}

export function findProgram(name: string, isFit: (path: string) => boolean = () => true): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && isExecutable(path) && isFit(path)) return path;
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

/** Packages of a workspace, which npm links into `node_modules`: they lie elsewhere, and what is linked is read there. */
export function linkedPackages(nodeModules: string): string[] {
  const scopes = entriesOf(nodeModules)
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('@'))
    .map(({ name }) => join(nodeModules, name));
  return [nodeModules, ...scopes]
    .flatMap((folder) => entriesOf(folder))
    .filter((entry) => entry.isSymbolicLink())
    .flatMap(({ parentPath, name }) => realPath(join(parentPath, name)))
    .filter((path) => !path.split('/').includes('node_modules'));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** None when the link leads nowhere. */
function realPath(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

/** Where Node looks for packages from `folder`, and for the `type` of its modules. */
export function packagePaths(folder: string): string[] {
  const paths: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    paths.push(join(at, 'node_modules'), join(at, 'package.json'));
    if (dirname(at) === at) return paths;
  }
}
