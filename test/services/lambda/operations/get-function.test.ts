import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { role, sharedLambda, zip } from '../lambda-server.ts';

const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

describe('GetFunction', () => {
  const shared = sharedLambda();
  const code = zip({ 'index.mjs': 'export const handler = () => 1;' });

  test('returns the configuration, the tags, and the location of the zip', async () => {
    await shared().client.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Runtime: 'nodejs24.x',
        Role: role,
        Handler: 'index.handler',
        Code: { ZipFile: code },
        Tags: { a: 'b' },
      }),
    );
    const { client } = shared();
    const told = await client.send(new GetFunctionCommand({ FunctionName: 'f' }));
    assert.equal(told.Configuration?.FunctionArn, arn);
    assert.deepEqual(told.Tags, { a: 'b' });
    assert.equal(told.Code?.RepositoryType, 'S3');
    const response = await fetch(told.Code?.Location ?? '');
    assert.deepEqual(new Uint8Array(await response.arrayBuffer()), code);
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 10 }, { FunctionName: 'f' });
    await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 10 }, { FunctionName: 'f' });
  });

  test('accepts a name and an ARN, whole or partial, with $LATEST or without', async () => {
    const { client } = shared();
    const of = async (name: string, qualifier?: string) => {
      const input = { FunctionName: name, ...(qualifier === undefined ? {} : { Qualifier: qualifier }) };
      return (await client.send(new GetFunctionConfigurationCommand(input))).FunctionArn;
    };
    assert.equal(await of('f'), arn);
    assert.equal(await of(arn), arn);
    assert.equal(await of('000000000000:function:f'), arn);
    assert.equal(await of('f:$LATEST'), `${arn}:$LATEST`);
    assert.equal(await of('f', '$LATEST'), `${arn}:$LATEST`);
    assert.equal(await of(`${arn}:$LATEST`, '$LATEST'), `${arn}:$LATEST`);
    const unknown = (name: string, qualifier: string | undefined, message: string) =>
      assert.rejects(of(name, qualifier), { name: 'ResourceNotFoundException', message });
    await unknown('g', undefined, 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:g');
    await unknown('f', '7', `Function not found: ${arn}:7`);
    await unknown('f:live', undefined, `Function not found: ${arn}:live`);
    await unknown(
      '111111111111:function:f',
      undefined,
      'Function not found: arn:aws:lambda:us-east-1:111111111111:function:f',
    );
    await unknown(
      'arn:aws:lambda:eu-west-1:000000000000:function:f',
      undefined,
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    );
    await assert.rejects(of('f:$LATEST', '1'), {
      name: 'InvalidParameterValueException',
      message: 'The derived qualifier from the function name does not match the specified qualifier.',
    });
  });
});
