/**
 * 10,000 bodies, random and mutated, for the operations of all services of a whole server, in every protocol that they
 * speak: each is answered, or refused with an error that a client can read; none is a fault of the server, and none
 * keeps it. `node --test test/protocol/fuzz.suite.ts`, with SEED=n for another sequence.
 */
import { signedFor } from '../support/admission.ts';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Decoder } from 'cbor-x';
import * as fc from 'fast-check';
import logs from '../../src/services/logs/api.json' with { type: 'json' };
import listLogs from '../../src/services/listlog/api.json' with { type: 'json' };
import type { ServiceModel } from '../../src/protocol/model.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { lambdaShapes } from './arbitrary.ts';
import { asCbor, asForm, asJson, asXml } from './fuzz-encodings.ts';
import { bodies } from './fuzz.ts';
import { models } from './support.ts';

const RUNS = 10_000;
const seed = Number(process.env['SEED'] ?? 20191103);
const decoder = new Decoder({ useRecords: false, mapsAsObjects: true });

type Operation = ServiceModel['operations'][string];

/** How an operation is asked for, and how its input travels. */
interface Way {
  readonly model: ServiceModel;
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly encode: (value: unknown) => Buffer;
}

function operationsOf(model: ServiceModel): Operation[] {
  return Object.values(model.operations).filter(({ input }) => input !== undefined);
}

function byTarget(model: ServiceModel, form: 'json' | 'cbor'): Way[] {
  const { jsonVersion = '1.1', targetPrefix = '' } = model.metadata;
  return operationsOf(model).map((operation) => ({
    model,
    operation,
    method: 'POST',
    path: '/',
    headers: {
      'content-type':
        form === 'json' ? `application/x-amz-json-${jsonVersion}` : 'application/x-amz-cbor-1.1',
      'x-amz-target': `${targetPrefix}.${operation.name}`,
    },
    encode: form === 'json' ? asJson : asCbor,
  }));
}

function byRpcPath(model: ServiceModel): Way[] {
  return operationsOf(model).map((operation) => ({
    model,
    operation,
    method: 'POST',
    path: `/service/${model.metadata.targetPrefix ?? ''}/operation/${operation.name}`,
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    encode: asCbor,
  }));
}

function byForm(model: ServiceModel): Way[] {
  return operationsOf(model).map((operation) => ({
    model,
    operation,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    encode: (value) => asForm(operation.name, model.metadata.apiVersion, value),
  }));
}

/** Labels of the path are a name that is there, one that is not, or what no name is. */
function byRest(model: ServiceModel, service: string, encode: (value: unknown) => Buffer): Way[] {
  return operationsOf(model).flatMap((operation) =>
    ['there', 'missing', '%00..%2f', 'a'.repeat(300)].map((label) => ({
      model,
      operation,
      method: operation.http.method,
      path: operation.http.requestUri.replaceAll(/\{[^}]+\}/g, label),
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      encode,
    })),
  );
}

const protocols: Readonly<Record<string, readonly Way[]>> = {
  JSON: [models.kinesis, models.monitoring, logs, listLogs].flatMap((model) => byTarget(model, 'json')),
  CBOR: [models.kinesis, models.monitoring, logs, listLogs].flatMap((model) => byTarget(model, 'cbor')),
  "Smithy's RPC v2": byRpcPath(models.monitoring),
  query: [models.monitoring, models.sns].flatMap(byForm),
  'REST-JSON': byRest(models.lambda, 'lambda', asJson),
  'REST-XML': byRest(models.s3, 's3', asXml),
};
const total = Object.values(protocols).flat().length;

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(async () => {
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200, 'it is alive after all of it');
  await server.close();
});

describe(`${RUNS} bodies of all operations (seed ${seed})`, () => {
  for (const [name, ways] of Object.entries(protocols)) {
    it(`are answered correctly in ${name}`, { timeout: 10 * 60_000 }, async () => {
      for (const way of ways) await tryBodies(way);
    });
  }
});

async function tryBodies(way: Way): Promise<void> {
  const { model, operation, encode } = way;
  const shapes = model === models.lambda ? lambdaShapes : {};
  await fc.assert(
    fc.asyncProperty(bodies(model, operation.input?.shape ?? '', encode, { shapes }), (body) =>
      tryOne(way, body),
    ),
    { seed, numRuns: Math.ceil(RUNS / total), endOnFailure: true },
  );
}

async function tryOne({ model, operation, method, path, headers }: Way, body: Buffer): Promise<void> {
  const response = await fetch(server.endpoint + path, {
    method,
    headers: { ...signedFor(model.metadata.signingName ?? model.metadata.endpointPrefix), ...headers },
    ...(method !== 'GET' && method !== 'HEAD' && { body: new Uint8Array(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const { status } = response;
  const what = `${operation.name}: ${status} ${bytes.toString().slice(0, 500)}`;
  if (status < 300) return;
  // S3 tells so what it does not do.
  assert.ok((status >= 400 && status < 500) || (status === 501 && bytes.includes('NotImplemented')), what);
  assert.ok(response.headers.has('x-amzn-requestid') || response.headers.has('x-amz-request-id'), what);
  if (method !== 'HEAD') assertNamed(response.headers.get('content-type') ?? '', bytes, what);
}

/** The error's name is where a client of the protocol looks for it. */
function assertNamed(contentType: string, bytes: Buffer, what: string): void {
  if (contentType.includes('xml')) {
    assert.match(bytes.toString(), /<Code>\w+<\/Code>/, what);
    return;
  }
  if (!contentType.includes('json') && !contentType.includes('cbor')) {
    assert.match(bytes.toString(), /Exception/, what);
    return;
  }
  const error: unknown = contentType.includes('json') ? JSON.parse(bytes.toString()) : decoder.decode(bytes);
  assert.ok(typeof error === 'object' && error !== null, what);
  assert.ok('__type' in error || 'Type' in error || 'message' in error || 'Message' in error, what);
}
