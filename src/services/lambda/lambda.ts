import type { TagSource } from '../../aws/tagged-resources.ts';
import { actorOfFunction, invocationOf } from './acting.ts';
import type { PolicySource } from '../../aws/resource-policies.ts';
import type { Declarer } from '../../declarations/plan.ts';
import type { VerifyReport } from '../../support/findings.ts';
import { register, type ScrubOptions } from '../registration.ts';
import { describeRecords } from './events/describe-records.ts';
import { functionDeclarer } from './declared/declarer.ts';
import { functionsSection } from './declared/section.ts';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import { lambdaLimits } from './limits.ts';
import { unrecordedWork } from '../../support/work-spans.ts';
import { callersTraces } from '../../protocol/trace-context.ts';
import type { Service } from '../../protocol/service.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import { lambdaService } from './lambda-service.ts';
import type { CodeStore } from './code/code-store.ts';
import { codeBesideEngine } from './code/move-code.ts';
import { openCode } from './code/open.ts';
import { scrubCode } from './code/stored-code.ts';
import type { LambdaContext } from './context.ts';
import { Layers } from './layers/layers.ts';
import { downloadCode, downloadLayer } from './code/download.ts';
import { definitionOf, withRevision } from './declared/definition.ts';
import { AsyncInvocations } from './events/async-invocations.ts';
import { openDestinations } from './events/destinations-queue.ts';
import { EventInvokeConfigs } from './events/event-invoke-config.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { FunctionChanges } from './function-changes.ts';
import { FunctionMetrics, MappingMetrics, StartMetrics } from './function-metrics.ts';
import { FunctionRegistry, type FunctionRegistryDependencies } from './function-registry.ts';
import type { FunctionDeclaration, Functions } from './functions.ts';
import { isolationOf } from './isolation/isolation-of.ts';
import { examineIsolation } from './isolation/examine.ts';
import { Invoker } from './invoker.ts';
import { Uploads } from './upload.ts';
import { openFailureReports } from './mapping/failure-reports.ts';
import { EventSourceMappings } from './mapping/event-source-mappings.ts';
import { operations } from './operations/index.ts';
import { ownUrlsOf } from './code/own-urls.ts';
import { openAtStandby } from './standby.ts';
import { createPool, runningDependencies } from './function-processes.ts';
import { secretFiles } from './secret-files.ts';
import type { LambdaOptions } from './lambda-options.ts';
import { FunctionPolicies } from './policies/function-policies.ts';
import { BootstrapCache } from './runtime/bootstrap-cache.ts';
import { ProcessReaper } from './runtime/process-reaper.ts';
import { lambdaTags } from './tag-source.ts';
import type { ProcessPool } from './runtime/process-pool.ts';
import { warnOfRuntimeFolder } from './runtime/runtime-folder.ts';

export const lambda = register({
  name: 'lambda',
  needs: ['streams', 'queues', 'logs', 'buckets'],
  offers: ['functions'],
  declares: [functionsSection],
  describeRecords,
  examine: ({ functionIsolation }) => examineIsolation(functionIsolation),
  ...codeBesideEngine,
  atStandby: { needs: [], offers: [], open: openAtStandby },
  async open({ config, ...context }, { streams, queues, logs, buckets }) {
    const ownUrls = await ownUrlsOf({ ...context, config });
    const { functions, ...opened } = await openLambda({
      ...context,
      ownUrls,
      streams,
      queues,
      logs,
      store: buckets.store,
      folder: join(config.dataDir, 'functions'),
      packageFolders: [config.baseDir],
      isolation: config.functionIsolation,
      runtimeFolder: config.runtimeFolder,
      objectsEndpoint: config.objectStore?.endpoint,
      above: [config.dataDir],
      hidden: secretFiles(config),
    });
    context.targets.register('lambda', {
      accepts: (arn) => /^arn:aws[a-z-]*:lambda:[^:]+:\d{12}:function:.+$/.test(arn),
      needs: (arn) => invocationOf(functions, arn),
      async deliver(arn, { message, trace }) {
        await functions.invokeAsync(arn, Buffer.from(message), { trace });
      },
    });
    context.resourcePolicies.register('lambda', opened.policies);
    context.taggedResources.register('lambda', opened.tags);
    return {
      service: opened.service,
      offers: { functions },
      declarer: opened.declarer,
      ...(ownUrls !== undefined && { accessKeys: ownUrls }),
      route: (request) => opened.download(request),
      scrub: (scrubOptions) => opened.scrub(scrubOptions),
      start: () => opened.start(),
      quiesce: () => opened.close(),
    };
  },
});

/** Functions, and the ways to invoke them: the API, asynchronous invocations, event source mappings. */
export interface Lambda {
  readonly service: Service;
  readonly functions: Functions;
  readonly mappings: EventSourceMappings;
  readonly policies: PolicySource;
  readonly tags: TagSource;
  /** Answers downloads of the URL that GetFunction returns as `Code.Location`; undefined for other paths. */
  download(request: HttpRequest): Promise<HttpResponse | undefined>;
  readonly declarer: Declarer;
  /** Checks the code of all functions. */
  scrub(scrubOptions: ScrubOptions): Promise<VerifyReport>;
  /** Adds or changes a function given by a file. Throws DeclarationError, ServiceError. */
  declareFunction(declaration: FunctionDeclaration): void;
  /** Starts the background work: pending asynchronous invocations of earlier runs, and the mappings. */
  start(): void;
  close(): Promise<void>;
}

/** Processes that wait for I/O cost only memory; those that compute need a core each. */
const processesPerCore = 4;

export async function openLambda(options: LambdaOptions): Promise<Lambda> {
  const { engine, log, region, accountId, folder } = options;
  const concurrencyMax = options.concurrencyMax ?? Math.max(8, availableParallelism() * processesPerCore);
  const reaper = new ProcessReaper(log);
  const isolation = await isolationOf(options);
  warnOfRuntimeFolder(options.runtimeFolder, isolation, log);
  const { code, layersCode, layerFolders } = await openCode(options);
  const bootstrapCache = new BootstrapCache({
    folder: join(folder, 'compiled-bootstrap'),
    userIds: isolation.userIds,
    log,
  });
  const startMetrics = new StartMetrics(options.metrics);
  const pool = createPool(options, startMetrics);
  const { registry, changes, policies, layers } = await openRegistry(options, layersCode, {
    code,
    pool,
    running: runningDependencies(options, { isolation, reaper, code, bootstrapCache, layerFolders }),
    layerFolders,
    concurrencyMax,
  });
  const invocations = await openInvocations(options, registry, pool);
  const { invoker, mappings, eventInvokeConfigs, events } = invocations;
  const functions: Functions = invoker;
  const definitionFrom = declaredDefinitions(options, layers);
  const context = {
    ...serverFacts(options),
    functions: registry,
    changes,
    uploads: new Uploads(options.store),
    layers,
    policies,
    invoker,
    mappings,
    eventInvokeConfigs,
    traces: options.traces ?? callersTraces,
  };

  return {
    service: lambdaService(operations, context),
    functions,
    mappings,
    policies,
    tags: lambdaTags(context),
    download: async (request) =>
      (await downloadCode(registry, request)) ?? (await downloadLayer(layers, request)),
    declarer: functionDeclarer({
      registry,
      policies,
      mappings,
      place: { region, accountId },
      definitionOf: definitionFrom,
    }),
    scrub: (scrubOptions) => scrubCode({ code, layers: layersCode }, engine, scrubOptions),
    declareFunction: (declaration) => registry.declare(definitionFrom(declaration)),
    start() {
      events.start();
      mappings.start();
    },
    async close() {
      const graceMs = options.closeGraceMs ?? lambdaLimits.functionsCloseGraceMs;
      // Close them together: the readers of streams and events wait for invocations that they have started.
      await Promise.all([pool.close(graceMs), events.close(), mappings.close()]);
      await registry.close();
      await Promise.all([reaper.close(), bootstrapCache.close()]);
      invocations.closeMetrics();
      startMetrics.close();
    },
  };
}

function declaredDefinitions(
  { accountId, clock, targets }: LambdaOptions,
  layers: Layers,
): (declaration: FunctionDeclaration) => FunctionDefinition {
  return (declaration) => {
    const definition = definitionOf(declaration, { accountId, nowMs: clock.now(), targets });
    const arns = declaration.layers?.map((layer) => layers.arnOf(layer)) ?? [];
    return withRevision(arns.length === 0 ? definition : { ...definition, layers: layers.resolve(arns) });
  };
}

async function openRegistry(
  { engine: { catalog }, clock, region, accountId, log, random = Math.random }: LambdaOptions,
  layersCode: CodeStore,
  dependencies: Pick<
    FunctionRegistryDependencies,
    'code' | 'pool' | 'running' | 'layerFolders' | 'concurrencyMax'
  >,
) {
  const policies = new FunctionPolicies(catalog);
  const locks = new KeyedLock();
  const place = { region, accountId };
  const registry = await FunctionRegistry.open({
    ...dependencies,
    catalog,
    policies,
    place,
    log,
    random,
    locks,
    releaseLayers: (released) => layers.released(released),
  });
  const layers: Layers = await Layers.open({ catalog, code: layersCode, clock, place, functions: registry });
  const changes = new FunctionChanges({ catalog, functions: registry, policies, layers, locks });
  return { registry, changes, policies, layers };
}

/** What operations need to know of the server. */
function serverFacts({
  clock,
  endpoint,
  ownUrls,
  acting,
  targets,
  runtimeFolder,
}: LambdaOptions): Pick<
  LambdaContext,
  'clock' | 'endpoint' | 'ownUrls' | 'acting' | 'targets' | 'runtimeFolder'
> {
  return { clock, endpoint, ownUrls, acting, targets, runtimeFolder };
}

/** The ways to invoke functions, and their metrics. */
async function openInvocations(options: LambdaOptions, registry: FunctionRegistry, pool: ProcessPool) {
  const { engine, targets, clock } = options;
  const metrics = new FunctionMetrics(options.metrics);
  const mappingMetrics = new MappingMetrics(options.metrics);
  const invoker: Invoker = new Invoker(registry, pool, metrics, () => events);
  const eventInvokeConfigs = new EventInvokeConfigs({ catalog: engine.catalog, registry, targets, clock });
  const events = await openEvents(options, { registry, invoker, settings: eventInvokeConfigs, metrics });
  const mappings = await openMappings(options, { functions: invoker, metrics, mappingMetrics });
  return {
    invoker,
    eventInvokeConfigs,
    events,
    mappings,
    closeMetrics() {
      metrics.close();
      mappingMetrics.close();
    },
  };
}

async function openEvents(
  { engine, targets, clock, log, asyncRetryDelayMs, spans = unrecordedWork }: LambdaOptions,
  parts: {
    readonly registry: FunctionRegistry;
    readonly invoker: Invoker;
    readonly settings: EventInvokeConfigs;
    readonly metrics: FunctionMetrics;
  },
): Promise<AsyncInvocations> {
  const { registry, invoker, settings, metrics } = parts;
  return await AsyncInvocations.open({
    engine,
    clock,
    log,
    attempt: (functionName, event, payload) => invoker.attempt(functionName, event, payload),
    spans,
    atOnceMax: (name) => registry.get(name)?.concurrencyMax ?? 1,
    settingsOf: (name, qualifier) => settings.settingsOf(name, qualifier),
    deadLetterTargetOf: (name, qualifier) => registry.locate(name, qualifier)?.definition.deadLetterTarget,
    functionArn: (name) => registry.arn(name),
    actorOf: (name, qualifier) => actorOfFunction(invoker, name, qualifier),
    destinations: await openDestinations({ engine, targets, metrics, clock, log, functions: invoker }),
    metrics,
    retryDelayMs: asyncRetryDelayMs ?? lambdaLimits.asyncRetryDelayMs,
  });
}

async function openMappings(
  options: LambdaOptions,
  parts: {
    readonly functions: Functions;
    readonly metrics: FunctionMetrics;
    readonly mappingMetrics: MappingMetrics;
  },
): Promise<EventSourceMappings> {
  const { engine, streams, queues, targets, acting, spans = unrecordedWork } = options;
  const { clock, log, region, accountId } = options;
  return new EventSourceMappings({
    ...parts,
    acting,
    spans,
    catalog: engine.catalog,
    tables: engine.tables,
    streams,
    queues,
    targets,
    reports: await openFailureReports({
      engine,
      targets,
      metrics: parts.mappingMetrics,
      clock,
      log,
      functions: parts.functions,
    }),
    clock,
    log,
    region,
    accountId,
  });
}
