import { join, resolve } from 'node:path';
import { applyDeclarations, type Declarer } from './declare.ts';
import type { DeclaredFunction, Declarations } from '../config/declarations.ts';
import type { DeclaredStreamLimits } from '../config/kinesis-limits.ts';
import { backupRoute } from './backup.ts';
import type { Config } from '../config.ts';
import { openCloudWatch, openMetricKeeper, type CloudWatch } from '../services/cloudwatch/cloudwatch.ts';
import { Deliveries } from '../delivery/deliveries.ts';
import { openEmbeddedEngine } from '../engine/embedded/open.ts';
import type { HttpHandler } from '../http/message.ts';
import { certificateFor, certificateFolder } from '../http/certificate.ts';
import { listen } from '../http/server.ts';
import { openListLogs, type ListLogService } from '../services/listlog/listlog.ts';
import { RemoteStores } from '../services/s3/remote-store.ts';
import { streamArn } from '../services/kinesis/arn.ts';
import { openKinesis, type KinesisService } from '../services/kinesis/kinesis.ts';
import type { FunctionDeclaration } from '../services/lambda/functions.ts';
import { openLambda, type Lambda } from '../services/lambda/lambda.ts';
import { declaredMapping } from '../services/lambda/mapping/declared.ts';
import { openLogs } from '../services/logs/logs.ts';
import { failureDestinations } from '../services/lambda/mapping/failure-destinations.ts';
import { MetricRegistry } from '../metrics.ts';
import { createDispatcher } from '../protocol/dispatch.ts';
import { openObjectStorage, type ObjectStorage } from '../services/s3/s3.ts';
import { openSns, type Sns } from '../services/sns/sns.ts';
import { systemClock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { Lifecycle } from '../support/lifecycle.ts';

/** A running nagare. */
export interface NagareServer {
  /** `http://127.0.0.1:4566` with the port that it really has. */
  readonly endpoint: string;
  /** Stops accepting, lets open requests end, stops the parts in reverse order. Idempotent. */
  close(): Promise<void>;
}

/** Wires the parts, starts them in order; what fails to start stops what had started. */
export async function startServer(config: Config, log: Log): Promise<NagareServer> {
  const parts = new Lifecycle();
  const opening = Promise.withResolvers<HttpHandler>();
  try {
    const endpoint = await startParts(config, log, parts, opening);
    return { endpoint, close: () => parts.close() };
  } catch (error) {
    // For those who wait at the door: clients try again. What is wrong is told by who started us, and only once.
    opening.resolve(() => Promise.resolve({ status: 503, headers: {} }));
    await parts.close();
    throw error;
  }
}

/** Resolves with the address; `opening` is resolved with what answers requests, when all parts are there. */
async function startParts(
  config: Config,
  log: Log,
  parts: Lifecycle,
  opening: PromiseWithResolvers<HttpHandler>,
): Promise<string> {
  const { host, port, region, accountId, dataDir, lifecycleMs, masterKey } = config;
  const clock = systemClock;

  // The port is taken first: whoever starts a second server on it shall hear of that, and functions need to know
  // the address before any of them runs. Requests wait until all parts are there.
  let handler: HttpHandler = async (request) => (await opening.promise)(request);
  const tls = config.tls && { tls: await certificateFor(config.tls, certificateFolder(dataDir), host) };
  const http = parts.door(await listen({ host, port, handler: (request) => handler(request), log, ...tls }));
  const endpoint = addressOf(http);

  const metrics = new MetricRegistry();
  const engine = parts.called(await openEmbeddedEngine({ folder: join(dataDir, 'engine'), clock, log }));
  const keeper = parts.called(await openMetricKeeper({ engine, clock, metrics, log }));
  const common = { engine, clock, metrics, log, region, accountId };
  const objects = parts.called(await openObjectStorage({ folder: dataDir, clock, log, region, accountId }));
  const deliveries = new Deliveries({ ...common, store: objects.store });
  const kinesis = parts.called(
    await openKinesis({
      ...common,
      folder: dataDir,
      lifecycleMs,
      workers: config.workers,
      streamIds: config.streamIds,
      masterKey,
      deliveries,
      limits: config.limits,
      streamLimits: limitsOfStreams(config.declarations),
    }),
  );

  const destinations = failureDestinations({
    publish: (...message) => sns.publish(...message),
    put: async (bucket, key, body) => {
      await objects.store.put(bucket, key, body, { condition: 'unconditional' });
    },
  });
  const logs = parts.called(await openLogs({ ...common, folder: join(dataDir, 'functions', 'logs') }));
  const lambda = parts.caller(
    await openLambda({
      ...common,
      streams: kinesis.source,
      destinations,
      logs: logs.store,
      folder: join(dataDir, 'functions'),
      endpoint: () => endpoint,
      packageFolders: [config.baseDir],
    }),
  );
  const invoke = async (functionArn: string, event: object): Promise<void> => {
    await lambda.functions.invokeAsync(functionArn, Buffer.from(JSON.stringify(event)));
  };
  const sns = parts.caller(await openSns({ ...common, functions: { invoke }, endpoint: () => endpoint }));
  const targets = { invoke, publish: sns.publish };
  const cloudWatch = parts.caller(openCloudWatch({ engine, clock, keeper, targets, region, accountId, log }));

  const streams = kinesis.source;
  const { store } = objects;
  const remoteStores = parts.called(new RemoteStores());
  const listLogs = parts.caller(openListLogs({ engine, streams, store, remoteStores, metrics, clock, log }));

  const services = { kinesis, objects, lambda, sns, cloudWatch, listLogs };
  await applyDeclarations(config.declarations, declarer({ ...config, ...services }));

  const all = [kinesis, sns, cloudWatch, objects, listLogs, lambda, logs].map(({ service }) => service);
  const backup = backupRoute(dataDir, { objects, deliveries });
  const reserved: HttpHandler = async (request) =>
    (await backup(request)) ?? (await lambda.download(request)) ?? (await sns.certificate(request));
  handler = createDispatcher({ ...common, services: all, reserved });
  opening.resolve(handler);
  return endpoint;
}

/** Those of streams that have limits of their own. */
function limitsOfStreams({ streams }: Declarations): Record<string, DeclaredStreamLimits> {
  const own: Record<string, DeclaredStreamLimits> = {};
  for (const [name, { limits }] of Object.entries(streams)) if (limits !== undefined) own[name] = limits;
  return own;
}

interface Declared {
  readonly declarations: Declarations;
  readonly kinesis: KinesisService;
  readonly objects: ObjectStorage;
  readonly lambda: Lambda;
  readonly sns: Sns;
  readonly cloudWatch: CloudWatch;
  readonly listLogs: ListLogService;
  readonly baseDir: string;
  readonly region: string;
  readonly accountId: string;
}

/** Hands declarations to the services, in their own words. */
function declarer(declared: Declared): Declarer {
  const { declarations, kinesis, objects, lambda, sns, cloudWatch, listLogs } = declared;
  const arnsToCome = new Map(
    Object.keys(declarations.streams).flatMap((name) => {
      const arn = streamArn(declared.region, declared.accountId, name);
      return [[name, arn] as const, [arn, arn] as const];
    }),
  );
  let shardsAdded = 0;
  return {
    stream(name, { shardCount }) {
      shardsAdded += kinesis.checkStream(name, shardCount, shardsAdded);
      return () => kinesis.ensureStream(name, shardCount);
    },
    bucket(name) {
      objects.checkBucketName(name);
      return () => objects.store.createBucket(name);
    },
    function(name, entry) {
      const declaration = functionDeclaration(name, entry, declared.baseDir);
      lambda.checkFunction(declaration);
      return () => Promise.resolve(lambda.declareFunction(declaration));
    },
    topic(name, topic) {
      sns.checkTopic(name, topic);
      return () => sns.declareTopic(name, topic);
    },
    alarm(name, alarm) {
      cloudWatch.checkAlarm(name, alarm, [...Object.keys(declarations.topics), ...sns.topicNames()]);
      return () => cloudWatch.declareAlarm(name, alarm);
    },
    begin: () => lambda.start(),
    eventSource(functionName, entry) {
      const mapping = declaredMapping(functionName, entry);
      lambda.mappings.check(mapping, (stream) => arnsToCome.get(stream));
      return () => lambda.mappings.declare(mapping);
    },
    listLog(name, listLog) {
      if (listLog.endpoint === undefined) objects.checkBucketName(listLog.bucket);
      listLogs.checkListLog(name, listLog, declarations.listLogs);
      return () => listLogs.declareListLog(name, listLog);
    },
  };
}

function functionDeclaration(
  name: string,
  { path, handler, environment, description, ...options }: DeclaredFunction,
  baseDir: string,
): FunctionDeclaration {
  const { timeout, memorySize, reservedConcurrentExecutions } = options;
  return {
    name,
    path: resolve(baseDir, path),
    handler,
    environment,
    ...(description === undefined ? {} : { description }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(memorySize === undefined ? {} : { memoryMegabytes: memorySize }),
    ...(reservedConcurrentExecutions === undefined ? {} : { concurrency: reservedConcurrentExecutions }),
  };
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
