import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import { formatArn, type RegionAndAccount } from '../../../aws/arn.ts';
import { compact, type Description, ordered, type Undeclared } from '../../../declarations/description.ts';
import type { FunctionRegistry } from '../function-registry.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import type { FunctionLogging } from '../function-logging.ts';
import type { EventInvokeSettings } from '../events/event-invoke-settings.ts';
import type { EventSourceMappings } from '../mapping/event-source-mappings.ts';
import type { FunctionPolicies } from '../policies/function-policies.ts';
import { aliasOwner } from '../policies/policy-owner.ts';
import type { PolicyStatement } from '../policies/statement.ts';
import { declaredPermission } from './permissions.ts';

interface Described {
  readonly definition: FunctionDefinition;
  readonly sources: readonly EventSourceMappingConfiguration[];
  readonly statements: readonly PolicyStatement[];
  readonly aliases: readonly {
    readonly name: string;
    readonly description: string;
    readonly statements: readonly PolicyStatement[];
  }[];
}

/** All functions with their event source mappings. Only what a file declared has a path that can be declared again. */
export function describeFunctions({
  registry,
  mappings,
  policies,
}: {
  readonly registry: FunctionRegistry;
  readonly mappings: EventSourceMappings;
  readonly policies: FunctionPolicies;
}): Description {
  const all: Described[] = Array.from(registry.latest(), (definition) => ({
    definition,
    statements: policies.statements({ definition }),
    aliases: Array.from(registry.aliasesOf(definition.name), (row) => ({
      name: row.name,
      description: row.description,
      statements: policies.statements(aliasOwner(row)),
    })),
    sources: ordered(
      allMappings(mappings).filter(
        ({ FunctionArn = '' }) => FunctionArn.replace(/:\$LATEST$/, '') === registry.arn(definition.name),
      ),
      ({ EventSourceArn = '' }) => EventSourceArn,
    ),
  }));
  return {
    sections: {
      functions: Object.fromEntries(
        all.flatMap((one) => {
          const { name, source } = one.definition;
          if (source.kind !== 'file') return [];
          return [[name, declaredFunction(one, source.path, registry.place)]];
        }),
      ),
    },
    imports: all.flatMap(({ definition: { name }, sources }) => [
      { type: 'aws_lambda_function', name, id: name },
      ...sources.map(({ UUID: uuid = '' }) => ({
        type: 'aws_lambda_event_source_mapping',
        name: `${name}_${uuid}`,
        id: uuid,
      })),
    ]),
    undeclared: all.flatMap(undeclaredOf),
  };
}

function allMappings(mappings: EventSourceMappings): EventSourceMappingConfiguration[] {
  const found: EventSourceMappingConfiguration[] = [];
  let marker: string | undefined;
  do {
    const page = mappings.list(marker === undefined ? {} : { Marker: marker });
    found.push(...page.EventSourceMappings);
    marker = page.NextMarker;
  } while (marker !== undefined);
  return found.filter(({ State }) => State !== 'Deleting');
}

function declaredFunction(
  { definition, sources, statements, aliases }: Described,
  path: string,
  place: RegionAndAccount,
): Record<string, unknown> {
  return compact({
    path,
    handler: definition.handler.slice(definition.handler.lastIndexOf('.') + 1),
    description: definition.description,
    role: definition.isUnlimited === true ? undefined : definition.role,
    memorySize: definition.memoryMegabytes,
    timeout: definition.timeoutSeconds,
    environment: definition.environment,
    reservedConcurrentExecutions: definition.reservedConcurrency,
    aliases: Object.fromEntries(
      aliases.map(({ name, description, statements: own }) => [
        name,
        own.length === 0 ? description : compact({ description, permissions: declaredPermissions(own) }),
      ]),
    ),
    tags: definition.tags,
    layers: definition.layers?.map(({ arn }) => layerName(arn, place)),
    permissions: declaredPermissions(statements),
    loggingConfig: declaredLogging(definition.logging),
    eventInvokeConfig: declaredEventInvoke(definition.eventInvoke ?? {}),
    deadLetterConfig: compact({ targetArn: definition.deadLetterTarget }),
    eventSources: sources.map((source) => declaredSource(source, place)),
  });
}

function declaredPermissions(statements: readonly PolicyStatement[]): Record<string, unknown> {
  return Object.fromEntries(
    statements.flatMap((statement) => {
      const permission = declaredPermission(statement);
      return permission === undefined ? [] : [[statement.Sid, permission]];
    }),
  );
}

function declaredLogging({ json, group }: FunctionLogging = {}): Record<string, unknown> {
  return compact({
    logFormat: json && 'JSON',
    applicationLogLevel: json?.applicationLevel,
    systemLogLevel: json?.systemLevel,
    logGroup: group,
  });
}

/** `name:version`, as declarations name the layers of this server. */
function layerName(arn: string, place: RegionAndAccount): string {
  return withoutPrefix(arn, formatArn('lambda', place, 'layer:'));
}

function declaredEventInvoke(settings: EventInvokeSettings): Record<string, unknown> {
  return compact({
    maximumRetryAttempts: settings.retriesMax,
    maximumEventAgeInSeconds: settings.eventAgeSecondsMax,
    onSuccess: settings.onSuccess,
    onFailure: settings.onFailure,
  });
}

/** Streams and queues of this server by name. */
function sourceOf(arn: string, place: RegionAndAccount): Record<string, string> {
  if (arn.startsWith('arn:aws:sqs:')) return { queue: withoutPrefix(arn, formatArn('sqs', place, '')) };
  const name = withoutPrefix(arn, formatArn('kinesis', place, 'stream/'));
  // A consumer only has an ARN.
  return { stream: name.includes('/') ? arn : name };
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function declaredSource(
  mapping: EventSourceMappingConfiguration,
  place: RegionAndAccount,
): Record<string, unknown> {
  const start = mapping.StartingPositionTimestamp;
  const concurrency = mapping.ScalingConfig?.MaximumConcurrency;
  return {
    ...sourceOf(mapping.EventSourceArn ?? '', place),
    ...compact({
      batchSize: mapping.BatchSize,
      maximumBatchingWindowInSeconds: mapping.MaximumBatchingWindowInSeconds,
      parallelizationFactor: mapping.ParallelizationFactor,
      maximumRetryAttempts: mapping.MaximumRetryAttempts,
      maximumRecordAgeInSeconds: mapping.MaximumRecordAgeInSeconds,
      bisectBatchOnFunctionError: mapping.BisectBatchOnFunctionError,
      functionResponseTypes: mapping.FunctionResponseTypes,
      scalingConfig: concurrency === undefined ? undefined : { maximumConcurrency: concurrency },
      startingPosition: mapping.StartingPosition,
      startingPositionTimestamp: start?.toISOString(),
      filters: mapping.FilterCriteria?.Filters?.map(({ Pattern }) => Pattern),
      onFailure: mapping.DestinationConfig?.OnFailure?.Destination,
      tumblingWindowInSeconds:
        mapping.TumblingWindowInSeconds === 0 ? undefined : mapping.TumblingWindowInSeconds,
      metricsConfig: compact({ metrics: mapping.MetricsConfig?.Metrics }),
    }),
    ...(['Disabled', 'Disabling'].includes(mapping.State ?? '') ? { enabled: false } : {}),
  };
}

function undeclaredOf({ definition, statements, aliases }: Described): readonly Undeclared[] {
  const resource = `functions.${definition.name}`;
  if (definition.source.kind !== 'file') {
    return [{ resource, what: 'its code is a zip; name a file as its path to declare it' }];
  }
  const policies = [
    { of: resource, statements },
    ...aliases.map((alias) => ({ of: `${resource}.aliases.${alias.name}`, statements: alias.statements })),
  ];
  return policies.flatMap(({ of, statements: all }) =>
    all
      .filter((statement) => declaredPermission(statement) === undefined)
      .map(({ Sid }) => ({ resource: `${of}.permissions.${Sid}`, what: 'a permission for function URLs' })),
  );
}
