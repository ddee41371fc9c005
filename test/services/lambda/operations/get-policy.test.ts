import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetPolicyCommand,
  type LambdaClient,
  PublishVersionCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, startLambda } from '../lambda-server.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const permit = (client: LambdaClient, StatementId: string) =>
  client.send(
    new AddPermissionCommand({
      FunctionName: 'f',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    }),
  );

const policyOf = async (client: LambdaClient, Qualifier?: string) =>
  (await client.send(new GetPolicyCommand({ FunctionName: 'f', Qualifier }))).Policy;

test('a policy has all statements in order, outlives a restart, and ends with its function', async (t) => {
  const server = await startLambda(t);
  await createFunction(server, 'f', 'export const handler = () => 1;');
  const missing = {
    name: 'ResourceNotFoundException',
    message: 'The resource you requested does not exist.',
  };
  await assert.rejects(policyOf(server.client), missing);
  assert.equal(server.lambda.policies.policyOf(arn), undefined);

  await permit(server.client, 'second');
  await permit(server.client, 'first');
  await server.restart();
  const policy = await policyOf(server.client);
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 's3.amazonaws.com' },
    Action: 'lambda:InvokeFunction',
    Resource: arn,
  };
  assert.deepEqual(JSON.parse(policy ?? ''), {
    Version: '2012-10-17',
    Id: 'default',
    Statement: [
      { Sid: 'second', ...statement },
      { Sid: 'first', ...statement },
    ],
  });
  assert.equal(await policyOf(server.client, '$LATEST'), policy);
  assert.equal(server.lambda.policies.policyOf(arn), policy);
  assert.equal(server.lambda.policies.policyOf(`${arn}:$LATEST`), policy);
  assert.equal(server.lambda.policies.policyOf(`${arn}:live`), undefined);

  await server.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  assert.equal(server.lambda.policies.policyOf(arn), undefined);
  await createFunction(server, 'f', 'export const handler = () => 1;');
  await assert.rejects(policyOf(server.client), missing);
});

test('an alias has a policy of its own, a change of which is a revision of the alias', async (t) => {
  const server = await startLambda(t);
  const { client } = server;
  await createFunction(server, 'f', 'export const handler = () => 1;');
  await client.send(new PublishVersionCommand({ FunctionName: 'f' }));
  const alias = { FunctionName: 'f', Name: 'live' };
  const { RevisionId: before } = await client.send(
    new CreateAliasCommand({ ...alias, FunctionVersion: '1' }),
  );
  const permission = {
    FunctionName: 'f',
    Qualifier: 'live',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
  };
  await client.send(new AddPermissionCommand({ ...permission, StatementId: 'one', RevisionId: before }));
  const { RevisionId: after } = await client.send(new GetAliasCommand(alias));
  assert.notEqual(after, before);
  const got = await client.send(new GetPolicyCommand({ FunctionName: 'f', Qualifier: 'live' }));
  assert.equal(got.RevisionId, after);
  assert.ok(got.Policy?.includes(`"${arn}:live"`), got.Policy);
  assert.equal(server.lambda.policies.policyOf(`${arn}:live`), got.Policy);
  await assert.rejects(
    client.send(new AddPermissionCommand({ ...permission, StatementId: 'two', RevisionId: before })),
    { name: 'PreconditionFailedException' },
  );
  await assert.rejects(policyOf(client), { name: 'ResourceNotFoundException' });
  await client.send(new DeleteAliasCommand(alias));
  assert.equal(server.lambda.policies.policyOf(`${arn}:live`), undefined);
});
