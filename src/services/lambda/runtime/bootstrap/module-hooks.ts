import { readFileSync, statSync } from 'node:fs';
import { createRequire, registerHooks, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformTypeScript } from './typescript.ts';

/** A source file of the function, as it was when it was read. */
export interface LoadedFile {
  readonly path: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/** Enough for hand-written functions; files in node_modules are not counted. */
const LOADED_FILES_MAX = 1000;
const loaded = new Map<string, LoadedFile>();

export function loadedFiles(): readonly LoadedFile[] {
  return [...loaded.values()];
}

interface HookOptions {
  readonly folders: readonly string[];
  /** The handler's folder, when isolation shows only this folder and packages. */
  readonly seesOnly: string | undefined;
}

/**
 * Hooks into module loading: compiles TypeScript handlers, records which files a handler consists of, points aws-sdk v2
 * to the server, and finds packages that are missing beside the handler in `folders` (as Lambda's own runtimes include
 * the AWS SDK).
 */
export function installModuleHooks(options: HookOptions): void {
  registerHooks({ resolve: resolveHook(options), load });
}

const ANY_SCRIPT = /\.[cm]?[jt]s$/;
const TYPESCRIPT = /\.[cm]?ts$/;
const NOT_FOUND = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT']);

function resolveHook({ folders, seesOnly }: HookOptions): ResolveHookSync {
  let elsewhere = false;
  return (specifier, context, nextResolve) => {
    // A lookup from another folder passes through this hook too; it must not recurse.
    if (elsewhere) return nextResolve(specifier, context);
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!NOT_FOUND.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      const isPath = /^(\.{0,2}\/|file:)/.test(specifier);
      const attempts = isPath
        ? typescriptNames(specifier).map((name) => () => nextResolve(name, context))
        : folders.map((folder) => () => resolveFrom(folder, specifier, context.conditions));
      elsewhere = true;
      try {
        const found = firstThatWorks(attempts);
        // Report the first error: it names what the author wrote.
        if (found !== undefined) return found;
        throw isPath
          ? withRemedyOfIsolation(error, specifier, context.parentURL, seesOnly)
          : withRemedy(error, specifier);
      } finally {
        elsewhere = false;
      }
    }
  };
}

/**
 * Lambda's own runtimes include the AWS SDK, and handlers rely on it; nagare does not, so the error says how to install
 * it.
 */
function withRemedy(error: unknown, specifier: string): unknown {
  const [name] = /^(?:aws-sdk|@aws-sdk\/[^/]+)(?=\/|$)/.exec(specifier) ?? [];
  if (name === undefined) return error;
  return withNote(
    error,
    `(nagare does not include the AWS SDK: run \`npm install ${name}\` in the handler's folder or where you start nagare)`,
  );
}

/** A file outside the handler's folder may exist but be invisible to an isolated function. */
function withRemedyOfIsolation(
  error: unknown,
  specifier: string,
  parentUrl: string | undefined,
  seesOnly: string | undefined,
): unknown {
  if (seesOnly === undefined || !URL.canParse(specifier, parentUrl)) return error;
  const { pathname } = new URL(specifier, parentUrl);
  if (pathname.startsWith(`${pathToFileURL(seesOnly).pathname}/`)) return error;
  return withNote(
    error,
    `(with isolation \`strict\` a function sees only its handler's folder ${seesOnly}, node_modules above it, and packages that are linked there: make the module a package of your workspace, or start nagare with --function-isolation off)`,
  );
}

/** Returns the same error object, because `import` and `require` add to it. */
function withNote(error: unknown, note: string): unknown {
  if (!(error instanceof Error)) return error;
  // The stack is computed on first access, from the message at that time.
  const { message, stack } = error;
  error.message = `${message} ${note}`;
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
  return error;
}

function firstThatWorks<Result>(attempts: readonly (() => Result)[]): Result | undefined {
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // Try the next folder.
    }
  }
  return undefined;
}

/** `import` and `require` may resolve to different files of a package, and a package may have only one of them. */
function resolveFrom(folder: string, specifier: string, conditions: readonly string[]) {
  const parent = pathToFileURL(join(folder, 'index.js'));
  const byRequire = (): string => pathToFileURL(createRequire(parent).resolve(specifier)).href;
  const url = conditions.includes('import')
    ? importMetaResolve(specifier, parent.href, byRequire)
    : byRequire();
  return { url, shortCircuit: true };
}

function importMetaResolve(specifier: string, parent: string, otherwise: () => string): string {
  try {
    return import.meta.resolve(specifier, parent);
  } catch {
    return otherwise();
  }
}

/** The files that `./name` may mean in TypeScript: without an extension, or with that of the compiled JavaScript. */
function typescriptNames(specifier: string): string[] {
  const names = ['.ts', '.mts', '.cts', '/index.ts', '.js', '/index.js'].map((end) => specifier + end);
  if (/\.[cm]?js$/.test(specifier)) names.unshift(specifier.replace(/js$/, 'ts'));
  return names;
}

const load: LoadHookSync = (url, context, nextLoad) => {
  const path = url.startsWith('file:') ? fileURLToPath(url) : undefined;
  if (path === undefined) return nextLoad(url, context);
  if (path.endsWith('/aws-sdk/lib/node_loader.js')) return loadConfiguredSdk(path);
  if (path.includes('/node_modules/') || !ANY_SCRIPT.test(path)) return nextLoad(url, context);
  remember(path);
  if (!TYPESCRIPT.test(path) || path.endsWith('.d.ts')) return nextLoad(url, context);
  return { ...transformTypeScript(path, readFileSync(path, 'utf8')), shortCircuit: true };
};

function remember(path: string): void {
  if (loaded.size >= LOADED_FILES_MAX || loaded.has(path)) return;
  const { mtimeMs, size } = statSync(path);
  loaded.set(path, { path, modifiedMs: mtimeMs, sizeBytes: size });
}

/**
 * aws-sdk v2 ignores AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3, and addresses buckets by host name. Every import of it loads the module that
 * creates its global configuration, so this hook appends the settings there.
 */
function loadConfiguredSdk(path: string) {
  const settings = `{ endpoint: process.env.AWS_ENDPOINT_URL, s3ForcePathStyle: true }`;
  const ofObjects = `{ s3: { endpoint: process.env.AWS_ENDPOINT_URL_S3 } }`;
  const configure =
    `\n;if (process.env.AWS_ENDPOINT_URL) AWS.config.update(${settings});` +
    `\n;if (process.env.AWS_ENDPOINT_URL_S3) AWS.config.update(${ofObjects}, true);\n`;
  return { format: 'commonjs', source: readFileSync(path, 'utf8') + configure, shortCircuit: true };
}
