import { createHash } from 'node:crypto';
import { basename, dirname, extname, isAbsolute } from 'node:path';
import { limits } from '../limits.ts';
import type { FunctionDeclaration } from './functions.ts';
import type { FunctionDefinition } from './function-definition.ts';
import type { RuntimeFamily } from './runtime/launch.ts';

/** What such functions call their runtime: the one they come closest to. */
const RUNTIMES: Readonly<Record<string, { readonly family: RuntimeFamily; readonly runtime: string }>> = {
  ...Object.fromEntries(
    ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].map((extension) => [
      extension,
      { family: 'nodejs', runtime: 'nodejs24.x' },
    ]),
  ),
  '.py': { family: 'python', runtime: 'python3.13' },
};

const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

export class DeclarationError extends Error {
  override readonly name = 'DeclarationError';
}

/** Throws DeclarationError, in words for the author of nagare.yaml. */
export function definitionOf(
  declaration: FunctionDeclaration,
  facts: { readonly accountId: string; readonly nowMs: number; readonly concurrencyMax: number },
): FunctionDefinition {
  const { name, path, handler } = declaration;
  const kind = RUNTIMES[extname(path)];
  if (!NAME.test(name)) {
    throw new DeclarationError(`a function cannot be called ${name}: letters, digits, - and _, 64 at most`);
  }
  if (!isAbsolute(path))
    throw new DeclarationError(`the path of the function ${name} is not absolute: ${path}`);
  if (kind === undefined) {
    const known = Object.keys(RUNTIMES).join(', ');
    throw new DeclarationError(
      `the function ${name} is a file of an unknown kind: ${path}; known are ${known}`,
    );
  }
  const timeoutSeconds = declaration.timeoutSeconds ?? limits.functionTimeoutSecondsDefault;
  if (timeoutSeconds > limits.functionTimeoutSecondsMax) {
    const most = limits.functionTimeoutSecondsMax;
    throw new DeclarationError(
      `the function ${name} has a timeout of ${timeoutSeconds} seconds; ${most} is the most`,
    );
  }
  const stem = basename(path, extname(path));
  return {
    name,
    ...kind,
    description: declaration.description ?? '',
    handler: handler.startsWith(`${stem}.`) ? handler : `${stem}.${handler}`,
    role: `arn:aws:iam::${facts.accountId}:role/nagare`,
    timeoutSeconds,
    memoryMegabytes: declaration.memoryMegabytes ?? limits.functionMemoryMegabytesDefault,
    environment: declaration.environment ?? {},
    architecture: ownArchitecture(),
    revisionId: revisionOf(declaration),
    lastModifiedMs: facts.nowMs,
    tags: {},
    concurrencyMax: Math.min(declaration.concurrency ?? facts.concurrencyMax, limits.functionProcessesMax),
    source: { kind: 'file', path },
  };
}

export function folderOfFile(path: string): string {
  return dirname(path);
}

export function ownArchitecture(): string {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

/** The same declaration has the same revision, in every run. */
function revisionOf(declaration: FunctionDeclaration): string {
  const hash = createHash('sha256').update(JSON.stringify(declaration)).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
