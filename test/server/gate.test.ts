import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeLimitsCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import type { Credentials } from '../../src/auth/sign.ts';
import { ratesOf } from '../../src/server/gate.ts';
import { clientOptions, startTestServer, testConfig } from '../support/server.ts';

const ROOT = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'the-secret-of-the-root-key' };
const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kinesis:*', Resource: '*' }],
};

test('limits are on when signatures are required, and otherwise only those that are set', () => {
  const config = testConfig('/tmp', { rates: { streams: 5, connections: 0 } });
  assert.deepEqual(ratesOf(config, 'off'), {
    requestsPerSecond: 0,
    bytesPerSecond: 0,
    connections: 0,
    streams: 5,
  });
  assert.deepEqual(ratesOf(config, 'required'), {
    requestsPerSecond: 20_000,
    bytesPerSecond: 1024 ** 3,
    connections: 0,
    streams: 5,
  });
});

test('a user has the limit of requests that is set, and root has none', async () => {
  await using server = await startTestServer({ rootKey: ROOT, rates: { requestsPerSecond: 1 } });
  const as = (credentials: Credentials) => ({
    ...clientOptions(server.endpoint),
    credentials,
    maxAttempts: 1,
  });
  const iam = new IAMClient(as(ROOT));
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const PolicyDocument = JSON.stringify(POLICY);
  await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'all', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  const describe = (credentials: Credentials): Promise<unknown> => {
    const kinesis = new KinesisClient(as(credentials));
    return Promise.all(Array.from({ length: 20 }, () => kinesis.send(new DescribeLimitsCommand({}))));
  };
  await describe(ROOT);
  await assert.rejects(describe({ accessKeyId, secretAccessKey }), {
    name: 'ThrottlingException',
    message: 'Rate exceeded',
  });
});
