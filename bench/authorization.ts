/**
 * What a decision by a policy of 100 statements costs, beside the processor time of a whole PutRecord without
 * signatures: kept from an earlier request, made for each request, because of a condition on the caller's address,
 * and for a resource that was not asked for before. `node bench/authorization.ts [secondsPerRound] [rounds]`
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Authorizer } from '../src/auth/authorization/authorizer.ts';
import type { Identity } from '../src/auth/identity.ts';
import { ResourcePolicies } from '../src/aws/resource-policies.ts';
import type { HttpRequest } from '../src/http/message.ts';
import { OperationGuard } from '../src/protocol/operation-guard.ts';
import type { Service } from '../src/protocol/service.ts';
import kinesis from '../src/services/kinesis/api.json' with { type: 'json' };
import { httpRequest, median, runLoad } from './support/load.ts';
import { startNagare, type Running } from './support/processes.ts';

const durationMs = Number(process.argv[2] ?? 2) * 1000;
const rounds = Number(process.argv[3] ?? 5);
/** Linux counts processor time in these. */
const TICK_MS = 10;
const DECISIONS = 50_000;
const ACCOUNT = '000000000000';
const STREAMS = 50;

const arn = (name: string): string => `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${name}`;
const arns = Array.from({ length: STREAMS }, (_, index) => arn(`stream-${index}`));

/** 98 statements about other things, one that allows, and one that denies with a condition on the address. */
function policyOf(isConditional: boolean): string {
  const others = Array.from({ length: 98 }, (_, index) => ({
    Effect: 'Allow',
    Action: index % 2 === 0 ? ['kinesis:Put*', 'kinesis:Describe*'] : ['s3:GetObject', 's3:ListBucket'],
    Resource: index % 2 === 0 ? arn(`other-${index}-*`) : `arn:aws:s3:::bucket-${index}/*`,
  }));
  const Condition = { NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } };
  const allow = { Effect: 'Allow', Action: 'kinesis:PutRecord', Resource: arn('stream-*') };
  const deny = { Effect: 'Deny', Action: isConditional ? 'kinesis:*' : 'sns:*', Resource: '*', Condition };
  return JSON.stringify({ Version: '2012-10-17', Statement: [...others, allow, deny] });
}

function neverAsked(): never {
  throw new Error('everything here is allowed');
}

function guardWith(document: string): OperationGuard {
  const authorizer = new Authorizer({
    policies: {
      revision: 1,
      ofUser: () => Promise.resolve({ documents: [document], boundary: undefined }),
      ofRole: () => Promise.resolve(undefined),
      managedPolicy: () => Promise.resolve(undefined),
      role: () => Promise.resolve(undefined),
    },
    resourcePolicies: new ResourcePolicies(),
  });
  const service: Service = {
    name: 'kinesis',
    model: kinesis,
    bodyLimitBytes: 1,
    operation: () => undefined,
    authorization: {
      prefix: 'kinesis',
      rules: { PutRecord: ({ StreamARN }: { readonly StreamARN: string }) => StreamARN },
    },
  };
  const options = { authorizer, region: 'us-east-1', accountId: ACCOUNT, now: () => Date.now() };
  return new OperationGuard(service, 'PutRecord', neverAsked, options);
}

const identity: Identity = {
  kind: 'user',
  arn: `arn:aws:iam::${ACCOUNT}:user/bench`,
  userId: 'AIDABENCH',
  accountId: ACCOUNT,
  accessKeyId: 'AKIABENCH',
};
const principal = { isSigned: true, scope: undefined, identity };
// Decisions read no more of a request.
const http = { peer: { address: '127.0.0.1', tls: undefined }, headers: {}, secure: false } as HttpRequest;

/** Microseconds of processor time of one decision. */
async function decisionUs(guard: OperationGuard, resourceOf: (index: number) => string): Promise<number> {
  await guard.check({ StreamARN: arn('stream-0') }, http, principal);
  const before = process.cpuUsage();
  for (let index = 0; index < DECISIONS; index++) {
    const verdict = guard.check({ StreamARN: resourceOf(index) }, http, principal);
    if (verdict === undefined || verdict instanceof Promise || verdict.error !== undefined) {
      throw new Error('the decision is not the one that is measured');
    }
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / DECISIONS;
}

const headers = (operation: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': `Kinesis_20131202.${operation}`,
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
});

async function processorMs({ process }: Running): Promise<number> {
  const stat = await readFile(`/proc/${process.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Microseconds of processor time of one PutRecord of 1 KiB, at 32 connections. */
async function putRecordUs(server: Running): Promise<number> {
  const requests = Array.from({ length: 64 }, () =>
    httpRequest(
      '/',
      headers('PutRecord'),
      JSON.stringify({
        StreamName: 'bench',
        Data: randomBytes(1024).toString('base64'),
        PartitionKey: randomBytes(8).toString('hex'),
      }),
    ),
  );
  const before = await processorMs(server);
  const { requestsPerSecond, failures } = await runLoad({
    port: server.port,
    durationMs,
    connections: 32,
    requests,
  });
  if (failures > 0) throw new Error(`${failures} requests failed`);
  return (((await processorMs(server)) - before) * 1e6) / (requestsPerSecond * durationMs);
}

await using server = await startNagare();
await fetch(`http://127.0.0.1:${server.port}/`, {
  method: 'POST',
  headers: headers('CreateStream'),
  body: JSON.stringify({ StreamName: 'bench', ShardCount: 4 }),
});
await putRecordUs(server); // warms it up
const puts: number[] = [];
for (let i = 0; i < rounds; i++) puts.push(await putRecordUs(server));
const put = median(puts);
process.stdout.write(`PutRecord, 1 KiB, 32 connections: ${put.toFixed(1)} us of processor\n`);

const plain = guardWith(policyOf(false));
const conditional = guardWith(policyOf(true));
let names = 0;
const cases = [
  ['kept', plain, (index: number) => arns[index % STREAMS] ?? ''],
  ['made for each request, with a condition', conditional, (index: number) => arns[index % STREAMS] ?? ''],
  ['of a new resource', plain, () => arn(`stream-new-${names++}`)],
] as const;
for (const [name, guard, resourceOf] of cases) {
  const figures: number[] = [];
  for (let i = 0; i <= rounds; i++) figures.push(await decisionUs(guard, resourceOf));
  const us = median(figures.slice(1));
  process.stdout.write(
    `decision, ${name}: ${us.toFixed(2)} us, ${((us / put) * 100).toFixed(1)} % of a PutRecord\n`,
  );
}
