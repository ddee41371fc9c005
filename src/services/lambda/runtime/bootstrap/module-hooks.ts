import { readFileSync, statSync } from 'node:fs';
import { createRequire, registerHooks, type LoadHookSync, type ResolveHookSync } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformTypeScript } from './typescript.ts';

/** A file that the function is made of, as it was when it was read. */
export interface LoadedFile {
  readonly path: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/** Enough for any function written by hand; what lies in node_modules is not counted. */
const LOADED_FILES_MAX = 1000;
const loaded = new Map<string, LoadedFile>();

export function loadedFiles(): readonly LoadedFile[] {
  return [...loaded.values()];
}

interface HookOptions {
  readonly folders: readonly string[];
  /** The folder of the handler, when isolation shows it and packages alone. */
  readonly seesOnly: string | undefined;
}

/**
 * Lets handlers be TypeScript, notes the files they are made of, lets aws-sdk v2 find the server, and finds
 * packages that are missing beside the handler in `folders` (as Lambda's own runtimes bring the AWS SDK).
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
    // A look from another folder comes by here too; it must not look further itself.
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
        // The first error names what the author wrote.
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

/** Lambda's own runtimes bring the AWS SDK, and handlers rely on that; what is missing here must be said. */
function withRemedy(error: unknown, specifier: string): unknown {
  const [name] = /^(?:aws-sdk|@aws-sdk\/[^/]+)(?=\/|$)/.exec(specifier) ?? [];
  if (name === undefined) return error;
  return withNote(
    error,
    `(nagare does not bring the AWS SDK: run \`npm install ${name}\` beside the handler or where nagare is started)`,
  );
}

/** What lies outside of the handler's folder may be there, and not seen. */
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
    `(a function with isolation \`strict\` sees its handler's folder ${seesOnly}, node_modules above it, and packages that are linked there: make the module a package of your workspace, or start nagare with --function-isolation off)`,
  );
}

/** The error itself is given back, for `import` and `require` add to it. */
function withNote(error: unknown, note: string): unknown {
  if (!(error instanceof Error)) return error;
  // The stack is made when it is first read, with the message that there is then.
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
      // The next one may.
    }
  }
  return undefined;
}

/** `import` and `require` may name different files of a package, and not every package has both. */
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

/** What `./name` may stand for in TypeScript: without an extension, or with that of the JavaScript made of it. */
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
 * aws-sdk v2 knows no AWS_ENDPOINT_URL, and would ask for buckets by host name. Whatever is imported of it loads
 * this module, which ends by making its global configuration.
 */
function loadConfiguredSdk(path: string) {
  const settings = `{ endpoint: process.env.AWS_ENDPOINT_URL, s3ForcePathStyle: true }`;
  const configure = `\n;if (process.env.AWS_ENDPOINT_URL) AWS.config.update(${settings});\n`;
  return { format: 'commonjs', source: readFileSync(path, 'utf8') + configure, shortCircuit: true };
}
