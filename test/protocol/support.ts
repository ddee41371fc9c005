import { admit, signedFor } from '../support/admission.ts';
import cloudwatch from '../../src/services/cloudwatch/api.json' with { type: 'json' };
import type { HttpHandler } from '../../src/http/message.ts';
import { listen, type ListenOptions } from '../../src/http/server.ts';
import kinesis from '../../src/services/kinesis/api.json' with { type: 'json' };
import lambda from '../../src/services/lambda/api.json' with { type: 'json' };
import { createDispatcher, type DispatcherOptions } from '../../src/protocol/dispatch.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';
import type { CallContext, Service } from '../../src/protocol/service.ts';
import s3 from '../../src/services/s3/api.json' with { type: 'json' };
import sns from '../../src/services/sns/api.json' with { type: 'json' };
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

export const models: Readonly<Record<'kinesis' | 'lambda' | 's3' | 'sns' | 'monitoring', ServiceModel>> = {
  kinesis,
  lambda,
  s3,
  sns,
  monitoring: cloudwatch,
};

type Handler = (input: Record<string, unknown>, call: CallContext) => unknown;

/** A service of the real model whose operations are what a test says. */
export function testService(
  name: keyof typeof models,
  operations: Readonly<Record<string, Handler>> | ((operation: string) => Handler | undefined),
  options: Partial<Service> = {},
): Service {
  const find = typeof operations === 'function' ? operations : (operation: string) => operations[operation];
  return {
    name,
    model: models[name],
    bodyLimitBytes: 10 * 1024 * 1024,
    operation(operation) {
      const handler = find(operation);
      return handler === undefined
        ? { unsupported: 'the test has none' }
        : (input, call) => handler(input, call);
    },
    ...options,
  };
}

export interface TestProtocolServer {
  readonly url: string;
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export function dispatcher(
  services: readonly Service[],
  options: Partial<DispatcherOptions> = {},
): HttpHandler {
  return createDispatcher({
    admit,
    services,
    region: 'us-east-1',
    accountId: '000000000000',
    log: silentLog,
    clock: new ManualClock(),
    ...options,
  });
}

export async function serveServices(
  services: readonly Service[],
  options: Partial<DispatcherOptions & Pick<ListenOptions, 'tls' | 'timeouts'>> = {},
): Promise<TestProtocolServer> {
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    handler: dispatcher(services, options),
    log: silentLog,
    ...(options.tls && { tls: options.tls }),
    ...(options.timeouts && { timeouts: options.timeouts }),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export function clientOptions(url: string) {
  return {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** A POST as an SDK of the JSON protocol makes it, or nearly so. */
export async function postTarget(
  url: string,
  target: string | undefined,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...signedFor('kinesis'),
      'content-type': 'application/x-amz-json-1.1',
      ...(target !== undefined && { 'x-amz-target': target }),
      ...headers,
    },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}
