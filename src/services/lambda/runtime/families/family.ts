import { accessSync, constants, existsSync, readdirSync, realpathSync, type Dirent } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The program that runs a function, with paths as the function's process sees them. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Files and folders of this machine that the program reads, besides the system's and the function's own. */
  readonly reads: readonly string[];
  /** Variables for the program itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that the function's own ones replace. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** What a function has been given to run: its code, as files of this machine. */
export interface FunctionFiles {
  readonly handler: string;
  readonly codeFolder: string;
  readonly optFolder: string | undefined;
  readonly clientFolder: string | undefined;
}

/** A zip that is to become a function without layers. */
export interface NewCode {
  readonly handler: string;
  /** The names of its files. */
  readonly names: readonly string[];
  readonly clientFolder: string | undefined;
}

export interface LaunchOptions {
  /** As CreateFunction got it. */
  readonly handler: string;
  /** The function's code, as its process sees it. */
  readonly folder: string;
  /** The same on this machine. */
  readonly codeFolder: string;
  /** The files of the function's layers, as its process sees them: /opt on Lambda. */
  readonly opt: string | undefined;
  /** The same on this machine. */
  readonly optFolder: string | undefined;
  /** Has the runtime interface client for functions that bring none, under the same path for their processes. */
  readonly clientFolder: string | undefined;
  /** The handler's own file, for functions declared in nagare.yaml. */
  readonly handlerFile: string | undefined;
  readonly memoryMegabytes: number;
  /** Folders in which a function finds packages that are missing beside its handler. */
  readonly packageFolders: readonly string[];
  /** Compile cache as the function's process sees it; undefined while there is none. */
  readonly compileCache: string | undefined;
  /** Whether the function can use this program of the machine. */
  readonly reaches: (path: string) => boolean;
}

/** The runtimes of one language. To add a language, add one file beside this one, and a line in index.ts. */
export interface RuntimeFamily {
  readonly name: string;
  /** The interpreter, on the server's PATH; undefined for the server's own, and for functions that bring theirs. */
  readonly program: string | undefined;
  /** Lambda's identifiers of runtimes that functions can be created with, oldest first. */
  readonly runtimes: readonly string[];
  /** The runtime reported for functions that nagare.yaml declares. */
  readonly declaredAs: string | undefined;
  /** Identifiers with which AWS no longer creates functions. */
  readonly ended: readonly string[];
  /** Extensions of handler files in nagare.yaml. */
  readonly extensions: readonly string[];
  /** Memory that the language itself needs before any handler runs: a function may use this plus its MemorySize. */
  readonly baseMegabytes: number;
  /** Writable memory that the runtime maps without using it: added to the allowed memory for RLIMIT_DATA. */
  readonly mappedMegabytes: number;
  /** The variable that tells the bootstrap for which invocation it was started. */
  readonly requestVariable: string | undefined;
  /** What a zip lacks to run, when no layer brings it; undefined when it lacks nothing. */
  readonly lacks?: (code: NewCode) => string | undefined;
  launch(options: LaunchOptions): Launch;
  /** Why the code, with its layers, cannot be started; undefined when it can. */
  refusal(files: FunctionFiles): StartRefusal | undefined;
}

/** Why a program cannot be started, as a system error code. */
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

/**
 * The real paths of workspace packages, which npm links into `node_modules`: the function must be able to read them
 * there.
 */
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

/** Empty for a broken link. */
function realPath(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

/**
 * The installation folders of an interpreter: its own, and those of the one that a link or a virtual environment leads
 * to.
 */
export function installationOf(command: string): string[] {
  try {
    return [command, realpathSync(command)]
      .map((path) => dirname(dirname(path)))
      .filter((path) => path !== '/');
  } catch {
    return [];
  }
}

/** The names in a folder; none when it does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
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
