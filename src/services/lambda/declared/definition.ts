import { DeclarationError } from '../../../errors.ts';
import { createHash } from 'node:crypto';
import { basename, dirname, extname, isAbsolute } from 'node:path';
import { lambdaLimits } from '../limits.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import api from '../api.json' with { type: 'json' };
import { environmentBytes, environmentOf } from '../function-options.ts';
import type { FunctionDeclaration } from '../functions.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { families, familyOfFile } from '../runtime/families/index.ts';

const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

const violationsOf = compileValidator(api, 'CreateFunctionRequest');

const VARIABLE = new RegExp(`^(?:${api.shapes.EnvironmentVariableName.pattern})$`);

/**
 * Throws DeclarationError, in words for the author of nagare.yaml, and ServiceError: it comes past the API, and is
 * checked as CreateFunction would check it.
 */
export function definitionOf(
  declaration: FunctionDeclaration,
  facts: { readonly accountId: string; readonly nowMs: number; readonly concurrencyMax: number },
): FunctionDefinition {
  const { name, path, handler } = declaration;
  const family = familyOfFile(extname(path));
  if (!NAME.test(name)) {
    throw new DeclarationError(`a function cannot be called ${name}: letters, digits, - and _, 64 at most`);
  }
  if (!isAbsolute(path))
    throw new DeclarationError(`the path of the function ${name} is not absolute: ${path}`);
  if (family?.declaredAs === undefined) {
    const known = families.flatMap(({ extensions }) => extensions).join(', ');
    throw new DeclarationError(
      `the function ${name} is a file of an unknown kind: ${path}; known are ${known}`,
    );
  }
  checkNumbers(declaration);
  const stem = basename(path, extname(path));
  const definition: FunctionDefinition = {
    name,
    family,
    runtime: family.declaredAs,
    description: declaration.description ?? '',
    handler: handler.startsWith(`${stem}.`) ? handler : `${stem}.${handler}`,
    role: `arn:aws:iam::${facts.accountId}:role/nagare`,
    timeoutSeconds: declaration.timeoutSeconds ?? lambdaLimits.functionTimeoutSecondsDefault,
    memoryMegabytes: declaration.memoryMegabytes ?? lambdaLimits.functionMemoryMegabytesDefault,
    environment: checkedEnvironment(declaration),
    architecture: ownArchitecture(),
    revisionId: revisionOf(declaration),
    lastModifiedMs: facts.nowMs,
    tags: {},
    concurrencyMax:
      declaration.concurrency ?? Math.min(facts.concurrencyMax, lambdaLimits.functionProcessesMax),
    source: { kind: 'file', path },
  };
  const violations = violationsOf(requestOf(definition));
  if (violations !== undefined) throw new DeclarationError(violations);
  return definition;
}

/** Bounds that are nagare's own. */
function checkNumbers({ name, timeoutSeconds = 0, concurrency = 0 }: FunctionDeclaration): void {
  const { functionTimeoutSecondsMax, functionProcessesMax } = lambdaLimits;
  if (timeoutSeconds > functionTimeoutSecondsMax) {
    throw new DeclarationError(
      `the function ${name} has a timeout of ${timeoutSeconds} seconds; ${functionTimeoutSecondsMax} is the most`,
    );
  }
  if (concurrency > functionProcessesMax) {
    throw new DeclarationError(
      `the function ${name} has ${concurrency} reservedConcurrentExecutions; ${functionProcessesMax} is the most`,
    );
  }
}

/** What is wrong is told without the values: they may be secrets, and what is told at the start is kept in logs. */
function checkedEnvironment({
  name,
  environment = {},
}: FunctionDeclaration): FunctionDefinition['environment'] {
  const odd = Object.keys(environment).find((variable) => !VARIABLE.test(variable));
  if (odd !== undefined) {
    throw new DeclarationError(
      `the environment of the function ${name} has "${odd}"; a name has two characters at least, the first a letter, the others letters, digits and _`,
    );
  }
  const bytes = environmentBytes(environment);
  if (bytes > lambdaLimits.functionEnvironmentBytesMax) {
    throw new DeclarationError(
      `the environment of the function ${name} has ${bytes} bytes in JSON; ${lambdaLimits.functionEnvironmentBytesMax} are the most`,
    );
  }
  return environmentOf({ Variables: environment });
}

/** The request that says the same, but for the code. */
function requestOf(definition: FunctionDefinition): object {
  return {
    FunctionName: definition.name,
    Runtime: definition.runtime,
    Role: definition.role,
    Handler: definition.handler,
    Code: {},
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
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
