import type { Targets } from '../../aws/targets.ts';
import type { Declarer } from '../../declarations/plan.ts';
import type { VerifyReport } from '../../support/findings.ts';
import { type OwnKeys, register, type ScrubOptions } from '../registration.ts';
import { describeInvocations } from './events/describe-records.ts';
import { functionDeclarer } from './declared/declarer.ts';
import { functionsSection } from './declared/section.ts';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StreamSource } from '../../consumers/source.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import type { Engine } from '../../engine/engine.ts';
import { lambdaLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { service, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import awsApi from './api.json' with { type: 'json' };
import { CodeStore } from './code/code-store.ts';
import { scrubCode, storedCode } from './code/stored-code.ts';
import type { LambdaContext } from './context.ts';
import { downloadCode } from './code/download.ts';
import { definitionOf } from './declared/definition.ts';
import { AsyncInvocations } from './events/async-invocations.ts';
import type { FunctionDefinition } from './function-definition.ts';
import { FunctionMetrics } from './function-metrics.ts';
import { FunctionRegistry } from './function-registry.ts';
import type { FunctionDeclaration, Functions } from './functions.ts';
import { chooseIsolation } from './isolation/choose.ts';
import { examineIsolation } from './isolation/examine.ts';
import type { Isolation, IsolationLevel } from './isolation/isolation.ts';
import { Invoker } from './invoker.ts';
import type { LogStore } from '../logs/log-store.ts';
import { FailureReports } from './mapping/failure-reports.ts';
import { EventSourceMappings } from './mapping/event-source-mappings.ts';
import { operations } from './operations/index.ts';
import type { RunningFunctionDependencies } from './running-function.ts';
import { BootstrapCache } from './runtime/bootstrap-cache.ts';
import { MemoryWatch } from './runtime/memory-watch.ts';
import { ProcessReaper } from './runtime/process-reaper.ts';
import { ProcessPool } from './runtime/process-pool.ts';

export const lambda = register({
  name: 'lambda',
  needs: ['streams', 'logs'],
  offers: ['functions'],
  declares: [functionsSection],
  describeRecords: describeInvocations,
  examine: ({ functionIsolation }) => examineIsolation(functionIsolation),
  storedFiles: storedCode,
  async open({ config, ...context }, { streams, logs }) {
    const { functions, ...opened } = await openLambda({
      ...context,
      streams,
      logs,
      folder: join(config.dataDir, 'functions'),
      packageFolders: [config.baseDir],
      isolation: config.functionIsolation,
      above: [config.dataDir],
      hidden: [config.masterKeyFile, config.tls?.files?.key, config.rootKey?.file].filter(
        (path) => path !== undefined,
      ),
    });
    context.targets.register('lambda', {
      accepts: (arn) => /^arn:aws[a-z-]*:lambda:[^:]+:\d{12}:function:.+$/.test(arn),
      async deliver(arn, { message }) {
        await functions.invokeAsync(arn, Buffer.from(message));
      },
    });
    return {
      service: opened.service,
      offers: { functions },
      declarer: opened.declarer,
      route: (request) => opened.download(request),
      scrub: (scrubOptions) => opened.scrub(scrubOptions),
      start: () => opened.start(),
      quiesce: () => opened.close(),
    };
  },
});

export interface LambdaOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly streams: StreamSource;
  /** Destinations for the records that mappings discard. */
  readonly targets: Targets;
  /** Stores the output of functions. */
  readonly logs: LogStore;
  /** Folder for code; created when it does not exist. */
  readonly folder: string;
  /** The server's URL for functions. Read when a process starts. */
  readonly endpoint: () => string;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Makes the credentials that functions sign their requests with, and signs URLs of their code. */
  readonly ownKeys?: OwnKeys | undefined;
  /** Where packages are looked up that are missing beside a handler: the folder of nagare.yaml. */
  readonly packageFolders?: readonly string[];
  /** Isolation of functions; default: the strongest level available. */
  readonly isolation?: IsolationLevel | 'auto';
  /** Files and folders that no function may see, including the server's folders above `folder`. */
  readonly hidden?: readonly string[];
  readonly above?: readonly string[];
  /** Process limits: for all functions together, and for one function without a reservation. */
  readonly processesMax?: number;
  readonly concurrencyMax?: number;
  /** How long `close` waits for invocations in progress. */
  readonly closeGraceMs?: number;
  /** The pause before the first retry of an asynchronous invocation. */
  readonly asyncRetryDelayMs?: number;
}

/**
 * The API model without the enum of runtimes: CreateFunction has its own messages for unknown runtimes; see
 * checkRuntime.
 */
const api = { ...awsApi, shapes: { ...awsApi.shapes, Runtime: { type: 'string' } } } as const;

/** Functions, and the ways to invoke them: the API, asynchronous invocations, event source mappings. */
export interface Lambda {
  readonly service: Service;
  readonly functions: Functions;
  readonly mappings: EventSourceMappings;
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
  const { engine, clock, metrics, streams, targets, log, region, accountId, folder } = options;
  const concurrencyMax = options.concurrencyMax ?? Math.max(8, availableParallelism() * processesPerCore);
  const reaper = new ProcessReaper(log);
  const isolation = await isolationOf(options);
  const code = await CodeStore.open(join(folder, 'code'), log);
  const bootstrapCache = new BootstrapCache({
    folder: join(folder, 'compiled-bootstrap'),
    userIds: isolation.userIds,
    log,
  });
  const pool = createPool(options);
  const registry = await FunctionRegistry.open({
    catalog: engine.catalog,
    code,
    pool,
    running: runningDependencies(options, { isolation, reaper, code, bootstrapCache }),
    place: { region, accountId },
    log,
    concurrencyMax,
  });
  const functionMetrics = new FunctionMetrics(metrics);
  const invoker: Invoker = new Invoker(registry, pool, functionMetrics, () => events);
  const events = await openEvents(options, registry, invoker, functionMetrics);
  const { catalog } = engine;
  const functions: Functions = invoker;
  const mappings = new EventSourceMappings({
    catalog,
    streams,
    functions,
    targets,
    reports: await FailureReports.open({ engine, targets, clock, log }),
    metrics: functionMetrics,
    clock,
    log,
    region,
    accountId,
  });
  const definitionFrom = (declaration: FunctionDeclaration): FunctionDefinition => ({
    ...definitionOf(declaration, { accountId, nowMs: clock.now(), concurrencyMax }),
    concurrencyReserved: declaration.concurrency !== undefined,
  });
  const context = { ...serverFacts(options), functions: registry, invoker, mappings };

  return {
    service: service('lambda', api, operations, context, lambdaLimits.requestBytesMax, { unsupported }),
    functions,
    mappings,
    download: (request) => downloadCode(registry, request),
    declarer: functionDeclarer({
      registry,
      mappings,
      place: { region, accountId },
      definitionOf: definitionFrom,
    }),
    scrub: (scrubOptions) => scrubCode(code, engine, scrubOptions),
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
      functionMetrics.close();
    },
  };
}

/** What operations need to know of the server. */
function serverFacts({
  clock,
  endpoint,
  ownKeys,
}: LambdaOptions): Pick<LambdaContext, 'clock' | 'endpoint' | 'ownKeys'> {
  return { clock, endpoint, ownKeys };
}

/** Logs a level that is not available, unless the user configured a weaker one. */
async function isolationOf(options: LambdaOptions): Promise<Isolation> {
  const { isolation: wanted = 'auto', folder, above = [], hidden = [], log } = options;
  const chosen = await chooseIsolation({ wanted, folder, above, hidden: [...above, folder, ...hidden] });
  const { level } = chosen.isolation;
  if (level === 'strict' || wanted !== 'auto') return chosen.isolation;
  const how =
    level === 'user'
      ? 'functions run as another user, but not in namespaces of their own'
      : "functions are not isolated: they may do whatever the server's user may do";
  log.warn({ reasons: chosen.reasons }, `${how}; run \`nagare doctor\` to see why`);
  return chosen.isolation;
}

function createPool({ processesMax, clock }: LambdaOptions): ProcessPool {
  const settings = {
    startsAtOnceMax: Math.max(2, availableParallelism()),
    processesMax: processesMax ?? lambdaLimits.functionProcessesMax,
    waitingMax: lambdaLimits.functionsWaitingMax,
    idleMs: lambdaLimits.functionIdleMs,
  };
  return new ProcessPool(settings, clock);
}

function openEvents(
  { engine, clock, log, asyncRetryDelayMs }: LambdaOptions,
  registry: FunctionRegistry,
  invoker: Invoker,
  metrics: FunctionMetrics,
): Promise<AsyncInvocations> {
  return AsyncInvocations.open({
    engine,
    clock,
    log,
    attempt: (functionName, event, payload) => invoker.attempt(functionName, event, payload),
    atOnceMax: (name) => registry.get(name)?.concurrencyMax ?? 1,
    onDropped: (functionName) => metrics.add(functionName, 'AsyncEventsDropped', 1),
    retryDelayMs: asyncRetryDelayMs ?? lambdaLimits.asyncRetryDelayMs,
  });
}

function runningDependencies(
  options: LambdaOptions,
  dependencies: Pick<RunningFunctionDependencies, 'isolation' | 'reaper' | 'bootstrapCache'> & {
    readonly code: CodeStore;
  },
): RunningFunctionDependencies {
  const { code, ...given } = dependencies;
  const { clock, logs, region, endpoint, ownKeys } = options;
  const anyKey = { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
  // nagare's own packages come last, so that functions can use an AWS SDK that is installed next to nagare.
  const ownFolder = fileURLToPath(new URL('.', import.meta.url));
  return {
    ...given,
    clock,
    memory: new MemoryWatch(clock),
    logs,
    server: {
      region,
      get endpoint() {
        return endpoint();
      },
    },
    newCredentials: (functionName) => ownKeys?.ofFunction(functionName) ?? anyKey,
    endCredentials: ({ accessKeyId }) => ownKeys?.end(accessKeyId),
    compiledFolder: join(options.folder, 'compiled'),
    packageFolders: [...(options.packageFolders ?? []), ownFolder],
    codeFolder: (functionName, sha256) => code.folder(functionName, sha256),
    checkCode: (functionName, sha256) => code.check(functionName, sha256),
  };
}
