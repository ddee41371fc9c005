import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { zip } from '../../services/lambda/lambda-server.ts';
import { declared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/server.ts';
import { allow, openScene, policy, type Scene, trustIn } from '../authorization/scene.ts';

const TRUST = trustIn('lambda.amazonaws.com');

/** Makes one call with the credentials of its process, and returns how it ended. */
const CALLER = `
  import { KinesisClient, PutRecordCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis';
  import { LambdaClient, GetFunctionCommand, GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
  import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
  const calls = {
    list: () => new KinesisClient().send(new ListStreamsCommand({})),
    put: ({ stream }) => new KinesisClient().send(
      new PutRecordCommand({ StreamName: stream, PartitionKey: 'k', Data: new Uint8Array(1) })),
    who: () => new STSClient().send(new GetCallerIdentityCommand({})),
    codeOf: ({ name }) => new LambdaClient().send(new GetFunctionCommand({ FunctionName: name })),
    configurationOf: ({ name }) =>
      new LambdaClient().send(new GetFunctionConfigurationCommand({ FunctionName: name })),
    async own({ path, method = 'GET' }) {
      const response = await fetch(process.env.AWS_ENDPOINT_URL + path, { method });
      return { status: response.status };
    },
  };
  export const handler = async ({ call, ...input }) => {
    try {
      const { $metadata, ...answer } = await calls[call](input);
      return { answer };
    } catch (error) {
      return { code: error.name, message: error.message };
    }
  };`;

interface Ended {
  readonly answer?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly message?: string;
}

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function';

describe('a function', () => {
  let scene: Scene;
  let lambda: LambdaClient;
  before(async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'declared.mjs'), CALLER);
    scene = await openScene({
      baseDir: folder,
      functionIsolation: 'off',
      declarations: declared({
        functions: {
          unlimited: { path: './declared.mjs', timeout: 20, memorySize: 512 },
          limited: { path: './declared.mjs', timeout: 20, memorySize: 512, role: 'declared-lister' },
        },
      }),
    });
    lambda = new LambdaClient(scene.root);
  });
  after(async () => {
    lambda.destroy();
    await scene[Symbol.asyncDispose]();
  });

  const create = (FunctionName: string, Role: string) =>
    lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs24.x',
        Role,
        Handler: 'index.handler',
        Timeout: 20,
        MemorySize: 512,
        Code: { ZipFile: zip({ 'index.mjs': CALLER }) },
      }),
    );
  const run = async (FunctionName: string, call: object): Promise<Ended> => {
    const Payload = Buffer.from(JSON.stringify(call));
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    return JSON.parse(answer.Payload?.transformToString() ?? '');
  };

  const mayList = async (name: string): Promise<boolean> =>
    (await run(name, { call: 'list' })).answer !== undefined;

  it('may do what its role allows, as a session of the role that has its name', async () => {
    const role = await scene.role('lister', TRUST, allow('kinesis:ListStreams'));
    await create('lists', role);
    const { answer: who } = await run('lists', { call: 'who' });
    assert.equal(who?.['Arn'], 'arn:aws:sts::000000000000:assumed-role/lister/lists');
    assert.deepEqual((await run('lists', { call: 'list' })).answer?.['StreamNames'], []);
    assert.deepEqual(await run('lists', { call: 'put', stream: 'any' }), {
      code: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::000000000000:assumed-role/lister/lists is not authorized to perform: kinesis:PutRecord ' +
        'on resource: arn:aws:kinesis:us-east-1:000000000000:stream/any because no identity-based policy allows ' +
        'the kinesis:PutRecord action',
    });
  });

  it('is mapped to a stream, and delivers to a topic, only with a role that may do so', async () => {
    const kinesis = new KinesisClient(scene.root);
    await kinesis.send(new CreateStreamCommand({ StreamName: 'source', ShardCount: 1 }));
    const EventSourceArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/source';
    const topic = 'arn:aws:sns:us-east-1:000000000000:failures';
    const reads = ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator'];
    await create('blind', await scene.role('blind', TRUST, allow('kinesis:ListStreams')));
    await create('reading', await scene.role('reading', TRUST, allow(reads, EventSourceArn)));
    const map = (FunctionName: string, more: object = {}) =>
      lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName,
          EventSourceArn,
          StartingPosition: 'LATEST',
          ...more,
        }),
      );
    await assert.rejects(map('blind'), {
      name: 'InvalidParameterValueException',
      message: new RegExp(`^Cannot access stream ${EventSourceArn}\\. Please ensure the role can perform`),
    });
    const DestinationConfig = { OnFailure: { Destination: topic } };
    await assert.rejects(map('reading', { DestinationConfig }), {
      name: 'InvalidParameterValueException',
      message: `The function's execution role does not have permissions to call Publish on ${topic}`,
    });
    const { UUID } = await map('reading');
    await assert.rejects(
      lambda.send(new UpdateEventSourceMappingCommand({ UUID, FunctionName: 'blind' })),
      /Cannot access stream/,
    );
    await assert.rejects(
      lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'reading', DestinationConfig })),
      /does not have permissions to call Publish/,
    );
    kinesis.destroy();
  });

  it('follows the changes of its role, its boundary and its tags', async () => {
    const ownTag = { StringEquals: { 'aws:PrincipalTag/team': 'one' } };
    const role = await scene.role(
      'changing',
      TRUST,
      allow('kinesis:ListStreams', '*', { Condition: ownTag }),
    );
    await create('changes', role);
    assert.equal(await mayList('changes'), false);
    const RoleName = 'changing';
    await scene.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'team', Value: 'one' }] }));
    assert.equal(await mayList('changes'), true);
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await scene.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
    assert.equal(await mayList('changes'), false);
  });

  it('is told from others of its role by lambda:SourceFunctionArn', async () => {
    const Condition = { ArnEquals: { 'lambda:SourceFunctionArn': `${ARN}:one` } };
    const role = await scene.role('shared', TRUST, allow('kinesis:ListStreams', '*', { Condition }));
    await create('one', role);
    await create('two', role);
    assert.ok(await mayList('one'));
    assert.equal((await run('two', { call: 'list' })).code, 'AccessDeniedException');
  });

  it('reaches neither the code nor the configuration of another function, nor paths of nagare', async () => {
    const role = await scene.role('curious', TRUST, allow('lambda:GetFunction', `${ARN}:curious`));
    await create('curious', role);
    await create('secret', role);
    assert.ok((await run('curious', { call: 'codeOf', name: 'curious' })).answer);
    for (const call of ['codeOf', 'configurationOf']) {
      assert.equal((await run('curious', { call, name: 'secret' })).code, 'AccessDeniedException', call);
    }
    const { answer } = await run('curious', { call: 'own', path: `/_nagare/functions/secret/code.zip` });
    assert.equal(answer?.['status'], 403);
  });

  it('is refused once its role is deleted, also when another one has its name', async () => {
    const role = await scene.role('exchanged', TRUST, allow('kinesis:ListStreams'));
    await create('exchanges', role);
    assert.ok(await mayList('exchanges'));
    await scene.iam.send(new DeleteRolePolicyCommand({ RoleName: 'exchanged', PolicyName: 'own' }));
    await scene.iam.send(new DeleteRoleCommand({ RoleName: 'exchanged' }));
    await scene.role('exchanged', TRUST, allow('kinesis:ListStreams'));
    assert.equal((await run('exchanges', { call: 'list' })).code, 'UnrecognizedClientException');
    // A change of the configuration replaces its processes: the new ones have a session of the new role.
    const Description = 'with the new role';
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'exchanges', Description }));
    assert.ok(await mayList('exchanges'));
  });

  it('needs a role that exists and trusts Lambda', async () => {
    const refusal = {
      name: 'InvalidParameterValueException',
      message: 'The role defined for the function cannot be assumed by Lambda.',
    };
    const missing = 'arn:aws:iam::000000000000:role/missing';
    await assert.rejects(create('roleless', missing), refusal);
    const AssumeRolePolicyDocument = policy(trustIn('ec2.amazonaws.com'));
    const { Role } = await scene.iam.send(
      new CreateRoleCommand({ RoleName: 'for-ec2', AssumeRolePolicyDocument }),
    );
    await assert.rejects(create('roleless', Role?.Arn ?? ''), refusal);
    const role = await scene.role('present', TRUST);
    await create('with-role', role);
    const change = { FunctionName: 'with-role', Role: missing };
    await assert.rejects(lambda.send(new UpdateFunctionConfigurationCommand(change)), refusal);
    const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'with-role' }));
    assert.equal(found.Role, role);
  });

  it('that nagare.yaml declares is limited by its role, and without one by nothing', async () => {
    assert.ok(await mayList('unlimited'));
    assert.equal((await run('limited', { call: 'list' })).code, 'UnrecognizedClientException');
    await scene.role('declared-lister', TRUST, allow('kinesis:ListStreams'));
    assert.ok((await run('limited', { call: 'list' })).answer);
    assert.equal((await run('limited', { call: 'put', stream: 'any' })).code, 'AccessDeniedException');
  });
});
