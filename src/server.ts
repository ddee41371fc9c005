import { join } from 'node:path';
import type { Config } from './config.ts';
import { openCloudWatch, openMetricKeeper } from './cloudwatch/cloudwatch.ts';
import { openEmbeddedEngine } from './engine/embedded/open.ts';
import { ServiceError } from './errors.ts';
import type { HttpHandler } from './http/message.ts';
import { listen } from './http/server.ts';
import { openKinesis } from './kinesis/kinesis.ts';
import { MetricRegistry } from './metrics.ts';
import { createDispatcher } from './protocol/dispatch.ts';
import { openSns } from './sns/sns.ts';
import { openObjectStorage } from './s3/s3.ts';
import { systemClock } from './support/clock.ts';
import type { Log } from './support/log.ts';
import { Parts } from './support/parts.ts';

/** A running nagare. */
export interface NagareServer {
  /** `http://127.0.0.1:4566` with the port that it really has. */
  readonly endpoint: string;
  /** Stops accepting, lets open requests end, stops the parts in reverse order. Idempotent. */
  close(): Promise<void>;
}

/** Wires the parts, starts them in order; what fails to start stops what had started. */
export async function startServer(config: Config, log: Log): Promise<NagareServer> {
  const parts = new Parts();
  const opening = Promise.withResolvers<HttpHandler>();
  try {
    const endpoint = await startParts(config, log, parts, opening);
    return { endpoint, close: () => parts.close() };
  } catch (error) {
    // For those who wait at the door; when nobody does, nobody needs to hear of it twice.
    opening.promise.catch(() => {});
    opening.reject(error);
    await parts.close();
    throw error;
  }
}

/** Resolves with the address; `opening` is resolved with what answers requests, when all parts are there. */
async function startParts(
  config: Config,
  log: Log,
  parts: Parts,
  opening: PromiseWithResolvers<HttpHandler>,
): Promise<string> {
  const { host, port, region, accountId, dataDir } = config;
  const clock = systemClock;

  // The port is taken first: whoever starts a second server on it shall hear of that, and functions need to know
  // the address before any of them runs. Requests wait until all parts are there.
  let handler: HttpHandler = async (request) => (await opening.promise)(request);
  const http = parts.door(await listen({ host, port, handler: (request) => handler(request), log }));
  const endpoint = addressOf(http);

  const metrics = new MetricRegistry();
  const engine = parts.called(await openEmbeddedEngine({ folder: join(dataDir, 'engine'), clock, log }));
  const keeper = parts.called(await openMetricKeeper({ engine, clock, metrics, log }));
  const kinesis = parts.called(
    await openKinesis({ engine, clock, metrics, log, region, accountId, folder: dataDir }),
  );

  const objects = parts.called(await openObjectStorage({ folder: dataDir, clock, log, region, accountId }));

  const functions = { invoke: noFunction };
  const sns = parts.caller(
    await openSns({ engine, clock, metrics, functions, endpoint: () => endpoint, region, accountId, log }),
  );
  const targets = { ...functions, publish: sns.publish };
  const cloudWatch = parts.caller(openCloudWatch({ engine, clock, keeper, targets, region, accountId, log }));

  const services = [kinesis.service, sns.service, cloudWatch.service, objects.service];
  const reserved = sns.certificate;

  handler = createDispatcher({ services, region, accountId, log, clock, reserved });
  opening.resolve(handler);
  return endpoint;
}

/** Until functions are there. */
async function noFunction(functionArn: string): Promise<never> {
  throw await Promise.resolve(
    new ServiceError('ResourceNotFoundException', `Function not found: ${functionArn}`, 404),
  );
}

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
