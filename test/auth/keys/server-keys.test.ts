import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { zip } from '../../services/lambda/lambda-server.ts';
import { allow, openScene, type Scene, trustIn } from '../authorization/scene.ts';
import { until } from '../../support/until.ts';
import { send, sign } from '../signature/signer.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene[Symbol.asyncDispose]());

describe('the key of a function', () => {
  it('ends with the function, and a function created again gets another', async () => {
    const lambda = new LambdaClient(scene.root);
    const role = await scene.role('lister', trustIn('lambda.amazonaws.com'), allow('kinesis:ListStreams'));
    const name = 'short-lived';
    const source = `
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
      export const handler = async () => [AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN];`;
    const create = new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': source }) },
    });
    const keyOf = async (): Promise<readonly [id: string, secret: string, token: string]> => {
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }));
      return JSON.parse(Payload?.transformToString() ?? '');
    };
    await lambda.send(create);
    const first = await keyOf();
    const statusWith = async ([accessKeyId, secretAccessKey, token]: typeof first): Promise<number> => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Kinesis_20131202.ListStreams',
        'x-amz-security-token': token,
      };
      const { host } = new URL(scene.server.endpoint);
      const signed = sign({
        path: '/',
        service: 'kinesis',
        headers,
        body: '{}',
        host,
        accessKeyId,
        secretAccessKey,
      });
      return (await send(scene.server.endpoint, signed)).status;
    };
    assert.equal(await statusWith(first), 200);
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    await lambda.send(create);
    const second = await keyOf();
    assert.notEqual(second[0], first[0]);
    assert.equal(await statusWith(second), 200);
    await until(async () => (await statusWith(first)) === 400);
  });
});
