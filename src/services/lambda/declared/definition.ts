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
 * Checks a declaration as CreateFunction would, because it does not pass through the API. Throws DeclarationError, with
 * a message for the author of nagare.yaml, and ServiceError.
 */
export function definitionOf(
  declaration: FunctionDeclaration,
  info: { readonly accountId: string; readonly nowMs: number; readonly concurrencyMax: number },
): FunctionDefinition {
  const { name, path, handler } = declaration;
  const family = familyOfFile(extname(path));
  if (!NAME.test(name)) {
    throw new DeclarationError(`invalid function name ${name}: use up to 64 letters, digits, - and _`);
  }
  if (!isAbsolute(path)) throw new DeclarationError(`the path of function ${name} is not absolute: ${path}`);
  if (family?.declaredAs === undefined) {
    const known = families.flatMap(({ extensions }) => extensions).join(', ');
    throw new DeclarationError(
      `function ${name} has a file of an unknown type: ${path}; known types are ${known}`,
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
    role: `arn:aws:iam::${info.accountId}:role/nagare`,
    timeoutSeconds: declaration.timeoutSeconds ?? lambdaLimits.functionTimeoutSecondsDefault,
    memoryMegabytes: declaration.memoryMegabytes ?? lambdaLimits.functionMemoryMegabytesDefault,
    environment: checkedEnvironment(declaration),
    architecture: ownArchitecture(),
    revisionId: revisionOf(declaration),
    lastModifiedMs: info.nowMs,
    tags: {},
    concurrencyMax:
      declaration.concurrency ?? Math.min(info.concurrencyMax, lambdaLimits.functionProcessesMax),
    source: { kind: 'file', path },
  };
  const violations = violationsOf(requestOf(definition));
  if (violations !== undefined) throw new DeclarationError(violations);
  return definition;
}

/** Limits of nagare's own. */
function checkNumbers({ name, timeoutSeconds = 0, concurrency = 0 }: FunctionDeclaration): void {
  const { functionTimeoutSecondsMax, functionProcessesMax } = lambdaLimits;
  if (timeoutSeconds > functionTimeoutSecondsMax) {
    throw new DeclarationError(
      `function ${name} has a timeout of ${timeoutSeconds} seconds; the maximum is ${functionTimeoutSecondsMax}`,
    );
  }
  if (concurrency > functionProcessesMax) {
    throw new DeclarationError(
      `function ${name} has reservedConcurrentExecutions ${concurrency}; the maximum is ${functionProcessesMax}`,
    );
  }
}

/** Messages leave out the values: they may be secrets, and startup messages end up in logs. */
function checkedEnvironment({
  name,
  environment = {},
}: FunctionDeclaration): FunctionDefinition['environment'] {
  const odd = Object.keys(environment).find((variable) => !VARIABLE.test(variable));
  if (odd !== undefined) {
    throw new DeclarationError(
      `function ${name} has an environment variable "${odd}"; a name starts with a letter, has at least two characters, and contains only letters, digits and _`,
    );
  }
  const bytes = environmentBytes(environment);
  if (bytes > lambdaLimits.functionEnvironmentBytesMax) {
    throw new DeclarationError(
      `the environment of function ${name} has ${bytes} bytes as JSON; the maximum is ${lambdaLimits.functionEnvironmentBytesMax}`,
    );
  }
  return environmentOf({ Variables: environment });
}

/** The equivalent CreateFunction request, without the code. */
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

/** A revision id derived from the declaration, so that it is the same after each start. */
function revisionOf(declaration: FunctionDeclaration): string {
  const hash = createHash('sha256').update(JSON.stringify(declaration)).digest('hex');
  return hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
