import type { Targets } from '../../../aws/targets.ts';
import { DeclarationError } from '../../../errors.ts';
import { createHash } from 'node:crypto';
import { basename, dirname, extname, isAbsolute } from 'node:path';
import { formatArn } from '../../../aws/arn.ts';
import { lambdaLimits } from '../limits.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import api from '../api.json' with { type: 'json' };
import { isDeadLetterTarget, isDestination } from '../destinations.ts';
import { environmentBytes, environmentOf, ownArchitecture } from '../function-options.ts';
import type { FunctionDeclaration } from '../functions.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { loggingOf } from '../function-logging.ts';
import { LATEST } from '../versions/version-row.ts';
import { withLambdaTags } from '../tags.ts';
import { families, familyOfFile } from '../runtime/families/index.ts';

const NAME = /^[a-zA-Z0-9-_]{1,64}$/;

const violationsOf = compileValidator(api, 'CreateFunctionRequest');

const aliasViolationsOf = compileValidator(api, 'CreateAliasRequest');

const VARIABLE = new RegExp(`^(?:${api.shapes.EnvironmentVariableName.pattern})$`);

/**
 * Checks a declaration as CreateFunction would, because it does not pass through the API. Throws DeclarationError, with
 * a message for the author of nagare.yaml, and ServiceError. `withRevision` completes the result.
 */
export function definitionOf(
  declaration: FunctionDeclaration,
  info: { readonly accountId: string; readonly nowMs: number; readonly targets: Targets },
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
  checkTargets(declaration, info.targets);
  const stem = basename(path, extname(path));
  const definition: FunctionDefinition = {
    name,
    version: LATEST,
    family,
    runtime: family.declaredAs,
    description: declaration.description ?? '',
    handler: handler.startsWith(`${stem}.`) ? handler : `${stem}.${handler}`,
    role: roleArn(declaration.role ?? 'nagare', info.accountId),
    ...(declaration.role === undefined ? { isUnlimited: true } : {}),
    timeoutSeconds: declaration.timeoutSeconds ?? lambdaLimits.functionTimeoutSecondsDefault,
    memoryMegabytes: declaration.memoryMegabytes ?? lambdaLimits.functionMemoryMegabytesDefault,
    environment: checkedEnvironment(declaration),
    architecture: ownArchitecture(),
    revisionId: '',
    lastModifiedMs: info.nowMs,
    aliases: checkedAliases(declaration),
    tags: withLambdaTags({}, declaration.tags ?? {}),
    ...loggingOf(declaration.logging, { name }),
    ...(declaration.concurrency === undefined ? {} : { reservedConcurrency: declaration.concurrency }),
    source: { kind: 'file', path },
    ...(declaration.eventInvoke !== undefined && { eventInvoke: declaration.eventInvoke }),
    ...(declaration.deadLetterTarget !== undefined && { deadLetterTarget: declaration.deadLetterTarget }),
  };
  const violations = violationsOf(requestOf(definition, declaration));
  if (violations !== undefined) throw new DeclarationError(violations);
  return definition;
}

function checkTargets(
  { name, eventInvoke = {}, deadLetterTarget }: FunctionDeclaration,
  targets: Targets,
): void {
  const { onSuccess, onFailure } = eventInvoke;
  const refused = [
    onSuccess !== undefined && !isDestination(targets, onSuccess, 'success') ? onSuccess : undefined,
    onFailure !== undefined && !isDestination(targets, onFailure, 'failure') ? onFailure : undefined,
    deadLetterTarget !== undefined && !isDeadLetterTarget(targets, deadLetterTarget)
      ? deadLetterTarget
      : undefined,
  ].find((arn) => arn !== undefined);
  if (refused === undefined) return;
  throw new DeclarationError(
    `function ${name} has a destination that cannot receive its records: ${refused}`,
  );
}

function roleArn(role: string, accountId: string): string {
  return role.startsWith('arn:') ? role : formatArn('iam', { region: '', accountId }, `role/${role}`);
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

function checkedAliases({ name, aliases = {} }: FunctionDeclaration): Readonly<Record<string, string>> {
  for (const [alias, description] of Object.entries(aliases)) {
    const request = { FunctionName: name, Name: alias, FunctionVersion: LATEST, Description: description };
    const violations = aliasViolationsOf(request);
    if (violations !== undefined) throw new DeclarationError(violations);
  }
  return aliases;
}

/** The equivalent CreateFunction request, without the code. */
function requestOf(definition: FunctionDefinition, { logging }: FunctionDeclaration): object {
  return {
    FunctionName: definition.name,
    Runtime: definition.runtime,
    Role: definition.role,
    Handler: definition.handler,
    Code: {},
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
    ...(logging !== undefined && { LoggingConfig: logging }),
  };
}

export function folderOfFile(path: string): string {
  return dirname(path);
}

/**
 * A revision id derived from all that a declaration says, defaults included, so that it is the same after each start,
 * and for each way to say it.
 */
export function withRevision(definition: FunctionDefinition): FunctionDefinition {
  const { revisionId: _, lastModifiedMs: __, family: ___, ...content } = definition;
  const hash = createHash('sha256').update(JSON.stringify(content, inOrder)).digest('hex');
  const revisionId = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  return { ...definition, revisionId };
}

function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
