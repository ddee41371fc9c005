import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { nobody } from '../../../src/auth/identity.ts';
import { ServiceError } from '../../../src/errors.ts';
import type { Caller, Need, Needed } from '../../../src/protocol/authorization.ts';
import type { ServiceModel } from '../../../src/protocol/model.ts';
import type { Service } from '../../../src/protocol/service.ts';
import type { AnyRegistration, AnyRunningService } from '../../../src/server/open-services.ts';
import { type NagareServer, startServer } from '../../../src/server/start.ts';
import { registrations } from '../../../src/services/index.ts';
import { silentLog } from '../../../src/support/log.ts';
import { testConfig } from '../../support/server.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';
import awsActions from './aws-actions.json' with { type: 'json' };

/** Actions that AWS's service authorization reference did not list when the list was made, and nagare's own. */
const newer = new Set([
  'firehose:FlushDeliveryStream',
  'firehose:GetDeliveryStreamProgress',
  'kinesis:CreateChannel',
  'kinesis:DeleteChannel',
  'kinesis:DescribeChannel',
  'kinesis:ListChannels',
  'kinesis:UpdateChannel',
  'kinesis:UpdateStreamRecordDistributionStrategy',
  'lambda:GetEventSourceMappingProgress',
  'lambda:RewindEventSourceMapping',
  'lambda:SkipEventSourceMappingBatch',
]);

const ACCOUNT = '000000000000';
const caller = {
  region: 'us-east-1',
  accountId: ACCOUNT,
  identity: nobody('unverified', ACCOUNT),
  // Rules read the request only for the values of condition keys, which this test does not ask for.
  http: {} as Caller['http'],
};

let folder: string;
let server: NagareServer;
const services: Service[] = [];

before(async () => {
  folder = await temporaryFolder();
  const seen = registrations.map((registration: AnyRegistration): AnyRegistration => ({
    ...registration,
    async open(context, contracts) {
      const running = (await registration.open(context, contracts)) as AnyRunningService;
      if (running.service !== undefined) services.push(running.service);
      return running;
    },
  }));
  server = await startServer(testConfig(folder), silentLog, seen);
});
after(async () => {
  await server.close();
  await removeFolder(folder);
});

describe('every operation of every service', () => {
  it('has a rule, and no rule is for an operation that is not there', () => {
    assert.ok(services.length > 10);
    for (const { name, model, authorization } of services) {
      assert.ok(authorization !== undefined, `${name}: write its actions.ts, and give it to service()`);
      assert.deepEqual(
        Object.keys(authorization.rules).toSorted(),
        Object.keys(model.operations).toSorted(),
        `the rules of ${name}`,
      );
    }
  });

  it('needs actions that AWS has, on resources of its own service', async () => {
    const known = new Set(
      Object.entries(awsActions).flatMap(([prefix, names]) => names.map((name) => `${prefix}:${name}`)),
    );
    let needs = 0;
    for (const service of services) {
      for (const operation of Object.keys(service.model.operations)) {
        for (const { action, resource } of await needsOf(service, operation)) {
          needs++;
          const isKnown = known.has(action) || newer.has(action) || action.startsWith('nagare:');
          assert.ok(isKnown, `${service.name} ${operation}: AWS has no action ${action}`);
          assert.ok(resource === '*' || resource.startsWith('arn:aws:'), `${operation}: ${resource}`);
        }
      }
    }
    assert.ok(needs > 300, `${needs} needs were checked`);
  });
});

async function needsOf(
  service: Service,
  operation: string,
): Promise<Required<Pick<Need, 'action' | 'resource'>>[]> {
  const { model, authorization } = service;
  const rule = authorization?.rules[operation];
  const input = inputOf(model, model.operations[operation]?.input?.shape, operation);
  let needed: Needed = [];
  try {
    needed = (await rule?.(input as never, caller)) ?? [];
  } catch (error) {
    // A token or a name that this test invented.
    if (!(error instanceof ServiceError)) throw error;
  }
  const list: readonly (string | Need)[] =
    typeof needed === 'string' || 'resource' in needed ? [needed] : needed;
  return list.map((need) => {
    const { action = `${authorization?.prefix ?? ''}:${operation}`, resource } =
      typeof need === 'string' ? { resource: need } : need;
    return { action, resource };
  });
}

/** An input with every member, as the decoder could give it. */
function inputOf(model: ServiceModel, shapeName: string | undefined, member: string, depth = 0): unknown {
  const shape = shapeName === undefined ? undefined : model.shapes[shapeName];
  if (shape === undefined || depth > 6) return {};
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members ?? {}).map(([name, { shape: inner }]) => [
          name,
          inputOf(model, inner, name, depth + 1),
        ]),
      );
    case 'list':
      return [inputOf(model, shape.member?.shape, member, depth + 1)];
    case 'map':
      return { name: 'value' };
    case 'string':
      return textOf(model, shape.enum?.[0], member);
    default:
      return 1;
  }
}

function textOf({ metadata }: ServiceModel, first: string | undefined, member: string): string {
  if (first !== undefined) return first;
  if (/^Role$|RoleArn$/i.test(member)) return `arn:aws:iam::${ACCOUNT}:role/name`;
  if (member === 'Layers') return `arn:aws:lambda:us-east-1:${ACCOUNT}:layer:name:1`;
  if (/copysource/i.test(member)) return 'bucket/key';
  if (!/arn$|^Resource$/i.test(member)) return 'name';
  const resources: Readonly<Record<string, string>> = {
    kinesis: 'stream/name',
    lambda: 'function:name',
    monitoring: 'alarm:name',
    glue: 'database/name',
    logs: 'log-group:name',
    sns: 'name',
  };
  const service = metadata.endpointPrefix === 'monitoring' ? 'cloudwatch' : metadata.endpointPrefix;
  return `arn:aws:${service}:us-east-1:${ACCOUNT}:${resources[metadata.endpointPrefix] ?? 'name'}`;
}
