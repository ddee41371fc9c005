import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListFunctionsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  TagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ResourcePolicies } from '../../../src/aws/resource-policies.ts';
import { TaggedResources } from '../../../src/aws/tagged-resources.ts';
import { Targets } from '../../../src/aws/targets.ts';
import { readOnly } from '../../../src/engine/read-only-engine.ts';
import { listen } from '../../../src/http/server.ts';
import { createDispatcher } from '../../../src/protocol/dispatch.ts';
import { openAtStandby } from '../../../src/services/lambda/standby.ts';
import type { StandbyContext } from '../../../src/services/registration.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { admit } from '../../support/admission.ts';
import { clientOptions } from '../../support/client.ts';
import { testConfig } from '../../support/server.ts';
import { unlimited } from '../../support/unlimited.ts';
import { createFunction, startLambda, zip } from './lambda-server.ts';

const common = { region: 'us-east-1', accountId: '000000000000', log: silentLog, clock: systemClock };
const FunctionName = 'f';
const FunctionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const alias = { FunctionName, Name: 'live' };

/** Lambda of an owner, and of a standby that has everything that the owner has committed. */
async function both(context: TestContext) {
  const owner = await startLambda(context);
  const declared = new Set<string>();
  const { service } = await openAtStandby({
    ...common,
    engine: readOnly(owner.engine),
    config: testConfig(owner.folder),
    endpoint: () => owner.endpoint,
    targets: new Targets(unlimited),
    resourcePolicies: new ResourcePolicies(),
    taggedResources: new TaggedResources(),
    declared: () => ({ has: (name) => declared.has(name), areAny: () => declared.size > 0 }),
  } as Partial<StandbyContext> as StandbyContext);
  const services = service === undefined ? [] : [service];
  const handler = createDispatcher({ ...common, admit, services });
  const server = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog });
  const standby = new LambdaClient({
    ...clientOptions(`http://127.0.0.1:${server.port}`),
    maxAttempts: 1,
  });
  context.after(async () => {
    standby.destroy();
    await server.close();
  });
  return { owner, standby, declared };
}

/** All that can be read of the function `f`, and an error's name where there is none. */
async function readAll(client: LambdaClient): Promise<unknown[]> {
  const onFunction = { FunctionName };
  const answers = await Promise.allSettled([
    client.send(new GetAccountSettingsCommand({})),
    client.send(new GetAliasCommand(alias)),
    client.send(new GetFunctionCommand({ FunctionName, Qualifier: 'live' })),
    client.send(new GetFunctionCommand(onFunction)),
    client.send(new GetFunctionConcurrencyCommand(onFunction)),
    client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: '1' })),
    client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: 'live' })),
    client.send(new GetLayerVersionCommand({ LayerName: 'l', VersionNumber: 1 })),
    client.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' })),
    client.send(new ListAliasesCommand(onFunction)),
    client.send(new ListFunctionEventInvokeConfigsCommand(onFunction)),
    client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', MaxItems: 2 })),
    client.send(new ListFunctionsCommand({})),
    client.send(new ListLayersCommand({})),
    client.send(new ListLayerVersionsCommand({ LayerName: 'l' })),
    client.send(new ListTagsCommand({ Resource: FunctionArn })),
    client.send(new ListVersionsByFunctionCommand(onFunction)),
  ]);
  return answers.map((answer) => {
    if (answer.status === 'rejected') return (answer.reason as Error).name;
    const { $metadata: _, ...output } = answer.value;
    return output;
  });
}

function isError(answer: unknown): boolean {
  return typeof answer === 'string';
}

test('a standby describes functions, versions, aliases, policies and layers as the owner does', async (context) => {
  const { owner, standby } = await both(context);
  const { client } = owner;
  const compare = async (after: string) => {
    const [there, here] = await Promise.all([readAll(client), readAll(standby)]);
    assert.deepEqual(here, there, after);
    return there;
  };

  await createFunction(owner, 'f', 'export const handler = () => 1;', { Tags: { team: 'blue' } });
  await createFunction(owner, 'a', 'export const handler = () => 1;', { Publish: true });
  await client.send(new PublishVersionCommand({ FunctionName }));
  await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: '1' }));
  await compare('functions, versions, aliases');

  await client.send(
    new PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: zip({ 'opt.txt': 'x' }) } }),
  );
  const Layers = ['arn:aws:lambda:us-east-1:000000000000:layer:l:1'];
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7, Layers }));
  await client.send(
    new AddPermissionCommand({
      FunctionName,
      Qualifier: 'live',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    }),
  );
  const settings = { FunctionName, Qualifier: 'live', MaximumRetryAttempts: 1 };
  await client.send(new PutFunctionEventInvokeConfigCommand(settings));
  await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
  await client.send(new TagResourceCommand({ Resource: FunctionArn, Tags: { team: 'red' } }));
  assert.deepEqual((await compare('changes')).filter(isError), []);

  await client.send(new DeleteFunctionCommand({ FunctionName }));
  assert((await compare('a deletion')).some(isError));
});

test('a standby leaves to the owner what nagare.yaml declares, and what pollers know', async (context) => {
  const { owner, standby, declared } = await both(context);
  await createFunction(owner, 'f', 'export const handler = () => 1;');
  await createFunction(owner, 'd', 'export const handler = () => 1;');
  declared.add('d');
  const commands = [
    new GetFunctionCommand({ FunctionName: 'd' }),
    new ListFunctionsCommand({}),
    new GetAccountSettingsCommand({}),
  ];
  for (const command of commands)
    await assert.rejects(standby.send(command as GetFunctionCommand), { name: 'ServiceUnavailable' });
  await standby.send(new GetFunctionCommand({ FunctionName }));
  await assert.rejects(standby.send(new ListEventSourceMappingsCommand({})), {
    name: 'UnsupportedOperationException',
  });
});
