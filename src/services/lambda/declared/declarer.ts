import { resolve } from 'node:path';
import { formatArn, type RegionAndAccount } from '../../../aws/arn.ts';
import type { Declarations } from '../../../config/declarations.ts';
import type { Declarer, DeclaredThing, Resource, PlanStep } from '../../../declarations/plan.ts';
import type { EventInvokeSettings } from '../events/event-invoke-settings.ts';
import type { FunctionDeclaration } from '../functions.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { EventSourceMappings } from '../mapping/event-source-mappings.ts';
import type { FunctionPolicies } from '../policies/function-policies.ts';
import { describeFunctions } from './description.ts';
import { declaredMapping, queueArn } from './mapping.ts';
import { findPermission, planPermission } from './permissions.ts';
import { functionsSection, type DeclaredFunction } from './section.ts';

export interface FunctionDeclarerDependencies {
  readonly registry: FunctionRegistry;
  readonly policies: FunctionPolicies;
  readonly mappings: EventSourceMappings;
  readonly place: RegionAndAccount;
  /** Throws DeclarationError, ServiceError. */
  readonly definitionOf: (declaration: FunctionDeclaration) => FunctionDefinition;
}

/** Declares the functions of `nagare.yaml` and their event sources. */
export function functionDeclarer(dependencies: FunctionDeclarerDependencies): Declarer {
  return {
    plan: (declarations, { baseDir }) => plan(dependencies, declarations, baseDir),
    describe: () => describeFunctions(dependencies),
    find: (resource) => find(dependencies, resource),
  };
}

function plan(
  dependencies: FunctionDeclarerDependencies,
  declarations: Declarations,
  baseDir: string,
): DeclaredThing[] {
  const { mappings, place } = dependencies;
  const streamArns = declaredStreams(declarations, place);
  return declarations.entries(functionsSection).flatMap(({ name, path, value }) => {
    const declared: DeclaredThing = {
      resource: ['functions', name],
      path,
      check: () => planFunction(dependencies, functionDeclaration(name, value, baseDir)),
    };
    const eventSources = value.own.eventSources.map((source, index) => ({
      resource: [
        'functions',
        name,
        'eventSources',
        source.own.stream ?? queueArn(source.own.queue ?? '', place),
      ],
      path: `${path}.eventSources.${index}`,
      readsStreams: true as const,
      check(): PlanStep {
        const input = declaredMapping(name, source, place);
        const { action, details } = mappings.check(input, (stream) => streamArns.get(stream));
        return {
          action,
          ...(details !== undefined && { details }),
          apply: () => mappings.declare(input),
        };
      },
    }));
    return [declared, ...planPermissions(dependencies, name, path, value), ...eventSources];
  });
}

/** Those of the function and of its aliases. */
function planPermissions(
  dependencies: FunctionDeclarerDependencies,
  name: string,
  path: string,
  { own }: DeclaredFunction,
): DeclaredThing[] {
  const plansOf = (
    permissions: DeclaredFunction['own']['permissions'],
    part: readonly string[],
    alias?: string,
  ): DeclaredThing[] =>
    Object.entries(permissions).map(([id, permission]) => ({
      resource: ['functions', name, ...part, 'permissions', id],
      path: [path, ...part, 'permissions', id].join('.'),
      check: () => planPermission(dependencies, { name, alias, id }, permission),
    }));
  const ofAliases = Object.entries(own.aliases).flatMap(([alias, declared]) =>
    typeof declared === 'string' ? [] : plansOf(declared.permissions, ['aliases', alias], alias),
  );
  return [...plansOf(own.permissions, []), ...ofAliases];
}

function planFunction(
  { registry, definitionOf }: FunctionDeclarerDependencies,
  declaration: FunctionDeclaration,
): PlanStep {
  const definition = definitionOf(declaration);
  const present = registry.isDeclared(definition.name) ? registry.get(definition.name) : undefined;
  const apply = () => Promise.resolve(registry.declare(definitionOf(declaration)));
  if (present === undefined) return { action: 'create', apply };
  const isSame = present.definition.revisionId === definition.revisionId;
  return { action: isSame ? 'leave' : 'change', apply };
}

function find(
  dependencies: FunctionDeclarerDependencies,
  [, name = '', part, partName = '', , id = '']: Resource,
) {
  const { registry, mappings } = dependencies;
  if (part === 'eventSources') return mappings.find(name, partName);
  if (part === 'permissions') return findPermission(dependencies, { name, id: partName });
  if (part === 'aliases') return findPermission(dependencies, { name, alias: partName, id });
  if (!registry.isDeclared(name)) return undefined;
  return { remove: () => registry.undeclare(name) };
}

/** The ARNs of the streams that `nagare.yaml` declares, keyed by name and by ARN: mappings may use either. */
function declaredStreams(declarations: Declarations, place: RegionAndAccount): Map<string, string> {
  return new Map(
    declarations.names('streams').flatMap((name) => {
      const arn = formatArn('kinesis', place, `stream/${name}`);
      return [[name, arn] as const, [arn, arn] as const];
    }),
  );
}

/** Makes the path absolute. */
function functionDeclaration(
  name: string,
  { input, own }: DeclaredFunction,
  baseDir: string,
): FunctionDeclaration {
  const { Description, Handler = 'handler', MemorySize, ReservedConcurrentExecutions, Timeout } = input;
  const deadLetterTarget = input.DeadLetterConfig?.TargetArn;
  return {
    name,
    path: resolve(baseDir, own.path),
    handler: Handler,
    environment: own.environment,
    ...(own.layers.length > 0 && { layers: own.layers }),
    ...(own.role !== undefined && { role: own.role }),
    ...(Object.keys(own.tags).length > 0 && { tags: own.tags }),
    ...(Object.keys(own.aliases).length > 0 && { aliases: aliasDescriptions(own.aliases) }),
    ...(Description !== undefined && { description: Description }),
    ...(input.LoggingConfig !== undefined && { logging: input.LoggingConfig }),
    ...(Timeout !== undefined && { timeoutSeconds: Timeout }),
    ...(MemorySize !== undefined && { memoryMegabytes: MemorySize }),
    ...(ReservedConcurrentExecutions !== undefined && { concurrency: ReservedConcurrentExecutions }),
    ...(own.eventInvokeConfig !== undefined && { eventInvoke: eventInvokeSettings(own.eventInvokeConfig) }),
    ...(deadLetterTarget !== undefined && { deadLetterTarget }),
  };
}

function aliasDescriptions(aliases: DeclaredFunction['own']['aliases']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(aliases).map(([name, alias]) => [
      name,
      typeof alias === 'string' ? alias : alias.description,
    ]),
  );
}

function eventInvokeSettings({
  input,
  own,
}: NonNullable<DeclaredFunction['own']['eventInvokeConfig']>): EventInvokeSettings {
  const { MaximumEventAgeInSeconds, MaximumRetryAttempts } = input;
  return {
    ...(MaximumRetryAttempts !== undefined && { retriesMax: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { eventAgeSecondsMax: MaximumEventAgeInSeconds }),
    ...(own.onSuccess !== undefined && { onSuccess: own.onSuccess }),
    ...(own.onFailure !== undefined && { onFailure: own.onFailure }),
  };
}
