import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AddPermissionCommand,
  GetPolicyCommand,
  type LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, startLambda } from '../lambda-server.ts';

const permit = (client: LambdaClient, StatementId: string) =>
  client.send(
    new AddPermissionCommand({
      FunctionName: 'f',
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    }),
  );

const remove = (client: LambdaClient, StatementId: string, RevisionId?: string) =>
  client.send(new RemovePermissionCommand({ FunctionName: 'f', StatementId, RevisionId }));

const get = (client: LambdaClient) => client.send(new GetPolicyCommand({ FunctionName: 'f' }));

const missing = (message: string) => ({ name: 'ResourceNotFoundException', message });

test('statements are removed one by one, and the policy with the last of them', async (t) => {
  const server = await startLambda(t);
  const { client } = server;
  await createFunction(server, 'f', 'export const handler = () => 1;');
  await assert.rejects(remove(client, 'a'), missing('No policy is associated with the given resource.'));
  await permit(client, 'a');
  const { RevisionId } = await get(client);
  await permit(client, 'b');
  await assert.rejects(remove(client, 'c'), missing('Statement c is not found in resource policy.'));
  await assert.rejects(remove(client, 'a', RevisionId), { name: 'PreconditionFailedException' });
  await remove(client, 'a', (await get(client)).RevisionId);
  const { Policy = '' } = await get(client);
  assert.ok(!Policy.includes('"a"') && Policy.includes('"b"'), Policy);
  await remove(client, 'b');
  await assert.rejects(get(client), missing('The resource you requested does not exist.'));
  await permit(client, 'a');
});
