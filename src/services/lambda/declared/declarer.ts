import { resolve } from 'node:path';
import { formatArn, type RegionAndAccount } from '../../../aws/arn.ts';
import type { Declarations } from '../../../config/declarations.ts';
import type { Declarer, DeclaredThing, Resource, PlanStep } from '../../../declarations/plan.ts';
import type { FunctionDeclaration } from '../functions.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { EventSourceMappings } from '../mapping/event-source-mappings.ts';
import { declaredMapping } from './mapping.ts';
import { functionsSection, type DeclaredFunction } from './section.ts';

export interface FunctionDeclarerDependencies {
  readonly registry: FunctionRegistry;
  readonly mappings: EventSourceMappings;
  readonly place: RegionAndAccount;
  /** Throws DeclarationError, ServiceError. */
  readonly definitionOf: (declaration: FunctionDeclaration) => FunctionDefinition;
}

/** Declares the functions of `nagare.yaml` and their event sources. */
export function functionDeclarer(dependencies: FunctionDeclarerDependencies): Declarer {
  return {
    plan: (declarations, { baseDir }) => plan(dependencies, declarations, baseDir),
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
      resource: ['functions', name, 'eventSources', source.own.stream],
      path: `${path}.eventSources.${index}`,
      readsStreams: true as const,
      check(): PlanStep {
        const input = declaredMapping(name, source);
        const { action, details } = mappings.check(input, (stream) => streamArns.get(stream));
        return {
          action,
          ...(details !== undefined && { details }),
          apply: () => mappings.declare(input),
        };
      },
    }));
    return [declared, ...eventSources];
  });
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
  { registry, mappings }: FunctionDeclarerDependencies,
  [, name = '', part, stream = '']: Resource,
) {
  if (part === 'eventSources') return mappings.find(name, stream);
  if (!registry.isDeclared(name)) return undefined;
  return { remove: () => Promise.resolve(registry.undeclare(name)) };
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
  return {
    name,
    path: resolve(baseDir, own.path),
    handler: Handler,
    environment: own.environment,
    ...(Description !== undefined && { description: Description }),
    ...(Timeout !== undefined && { timeoutSeconds: Timeout }),
    ...(MemorySize !== undefined && { memoryMegabytes: MemorySize }),
    ...(ReservedConcurrentExecutions !== undefined && { concurrency: ReservedConcurrentExecutions }),
  };
}
