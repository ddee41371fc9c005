import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  GetFunctionCommand,
  GetPolicyCommand,
  type LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, sharedLambda } from '../lambda-server.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const add = async (client: LambdaClient, given: Partial<AddPermissionCommandInput>) => {
  const command = new AddPermissionCommand({
    FunctionName: 'f',
    StatementId: 's',
    Action: 'lambda:InvokeFunction',
    Principal: 'sns.amazonaws.com',
    ...given,
  });
  const { Statement = '' } = await client.send(command);
  const statement: unknown = JSON.parse(Statement);
  return statement;
};

const revisionOf = async (client: LambdaClient) =>
  (await client.send(new GetFunctionCommand({ FunctionName: 'f' }))).Configuration?.RevisionId;

describe('AddPermission', () => {
  const shared = sharedLambda();

  before(async () => {
    await createFunction(shared(), 'f', 'export const handler = () => 1;');
  });

  test('writes principals and conditions as AWS does', async () => {
    const { client } = shared();
    const topic = 'arn:aws:sns:us-east-1:000000000000:orders';
    const statement = { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn };
    assert.deepEqual(
      await add(client, { StatementId: 'topic', SourceArn: topic, SourceAccount: '000000000000' }),
      {
        Sid: 'topic',
        ...statement,
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: {
          StringEquals: { 'AWS:SourceAccount': '000000000000' },
          ArnLike: { 'AWS:SourceArn': topic },
        },
      },
    );
    assert.deepEqual(await add(client, { StatementId: 'account', Principal: '111122223333' }), {
      Sid: 'account',
      ...statement,
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    });
    const role = 'arn:aws:iam::000000000000:role/caller';
    assert.deepEqual(await add(client, { StatementId: 'role', Principal: role }), {
      Sid: 'role',
      ...statement,
      Principal: { AWS: role },
    });
    assert.deepEqual(
      await add(client, { StatementId: 'organization', Principal: '*', PrincipalOrgID: 'o-a1b2c3d4e5' }),
      {
        Sid: 'organization',
        ...statement,
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
      },
    );
    assert.deepEqual(await add(client, { StatementId: 'token', EventSourceToken: 'skill' }), {
      Sid: 'token',
      ...statement,
      Principal: { Service: 'sns.amazonaws.com' },
      Condition: { StringEquals: { 'lambda:EventSourceToken': 'skill' } },
    });
    assert.deepEqual(
      await add(client, {
        StatementId: 'url',
        Principal: '*',
        Action: 'lambda:InvokeFunctionUrl',
        FunctionUrlAuthType: 'NONE',
      }),
      {
        Sid: 'url',
        ...statement,
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } },
      },
    );
  });

  test('refuses a statement ID that exists, in the words of AWS', async () => {
    const { client } = shared();
    await add(client, { StatementId: 'twice' });
    await assert.rejects(add(client, { StatementId: 'twice' }), {
      name: 'ResourceConflictException',
      message:
        'The statement id (twice) provided already exists. Please provide a new statement id, or remove the existing statement.',
    });
  });

  test('refuses invalid principals, unknown functions, and $LATEST', async () => {
    const { client } = shared();
    const invalid = {
      name: 'InvalidParameterValueException',
      message: 'The provided principal was invalid. Please check the principal and try again.',
    };
    for (const Principal of [
      'sns',
      '11112222333',
      'arn:aws:s3:::bucket',
      'arn:aws:iam::000000000000:group/a',
    ]) {
      await assert.rejects(add(client, { StatementId: 'no', Principal }), invalid, Principal);
    }
    await assert.rejects(add(client, { StatementId: 'no', Qualifier: '$LATEST' }), {
      name: 'InvalidParameterValueException',
      message: 'We currently do not support adding policies for $LATEST.',
    });
    await assert.rejects(add(client, { FunctionName: 'unknown' }), {
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:unknown',
    });
    await assert.rejects(add(client, { StatementId: 'no', FunctionUrlAuthType: 'NONE' }), {
      name: 'InvalidParameterValueException',
      message: /FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl/,
    });
    await assert.rejects(add(client, { StatementId: 'a b' }), { name: 'ValidationException' });
  });

  test('makes a new revision of the function, and changes only the one that the caller has seen', async () => {
    const { client } = shared();
    const before = await revisionOf(client);
    await add(client, { StatementId: 'seen', RevisionId: before });
    const after = await revisionOf(client);
    assert.notEqual(after, before);
    const { RevisionId } = await client.send(new GetPolicyCommand({ FunctionName: 'f' }));
    assert.equal(RevisionId, after);
    const { Functions = [] } = await client.send(new ListFunctionsCommand());
    assert.equal(Functions[0]?.RevisionId, after);

    const stale = { name: 'PreconditionFailedException' };
    await assert.rejects(add(client, { StatementId: 'late', RevisionId: before }), stale);
    const update = (given: string | undefined) =>
      client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Description: 'new', RevisionId: given }),
      );
    await assert.rejects(update(before), stale);
    const updated = await update(after);
    assert.equal(await revisionOf(client), updated.RevisionId);
    await assert.rejects(add(client, { StatementId: 'late', RevisionId: after }), stale);
  });

  test('bounds the policy as AWS does', async () => {
    const { client } = shared();
    const addMany = async () => {
      for (let n = 0; n < 100; n++) {
        await add(client, { StatementId: `${n}`.padStart(100, '_'), EventSourceToken: 'x'.repeat(256) });
      }
    };
    await assert.rejects(addMany(), {
      name: 'PolicyLengthExceededException',
      message: /^The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/,
    });
  });
});
