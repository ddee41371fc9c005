import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { createFunction, invoke, role, sharedLambda, startLambda, zip } from '../lambda-server.ts';

const code = zip({ 'index.js': 'exports.handler = async () => 1;' });
const valid: CreateFunctionRequest = {
  FunctionName: 'f',
  Runtime: 'nodejs22.x',
  Role: role,
  Handler: 'index.handler',
  Code: { ZipFile: code },
};

describe('CreateFunction', () => {
  const shared = sharedLambda();

  test('returns the function, active', async () => {
    const { $metadata: metadata, ...told } = await shared().client.send(
      new CreateFunctionCommand({
        ...valid,
        FunctionName: 'told',
        Description: 'what it is',
        Timeout: 7,
        MemorySize: 256,
        Environment: { Variables: { NAME: 'value' } },
        Tags: { team: 't' },
        Publish: false,
        VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
        TracingConfig: { Mode: 'PassThrough' },
      }),
    );
    assert.equal(metadata.httpStatusCode, 201);
    assert.match(told.LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    assert.match(told.RevisionId ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      { ...told, LastModified: '', RevisionId: '', Architectures: [] },
      {
        FunctionName: 'told',
        FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:told',
        Runtime: 'nodejs22.x',
        Role: role,
        Handler: 'index.handler',
        CodeSize: code.byteLength,
        Description: 'what it is',
        Timeout: 7,
        MemorySize: 256,
        LastModified: '',
        CodeSha256: createHash('sha256').update(code).digest('base64'),
        Version: '$LATEST',
        Environment: { Variables: { NAME: 'value' } },
        TracingConfig: { Mode: 'PassThrough' },
        RevisionId: '',
        State: 'Active',
        LastUpdateStatus: 'Successful',
        PackageType: 'Zip',
        Architectures: [],
        EphemeralStorage: { Size: 512 },
        SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
        LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/told' },
      },
    );
  });

  test('refuses an existing name, also concurrently', async () => {
    const { client } = shared();
    const create = () => client.send(new CreateFunctionCommand({ ...valid, FunctionName: 'twice' }));
    const results = await Promise.allSettled([create(), create(), create()]);
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected', 'rejected']);
    await assert.rejects(create(), {
      name: 'ResourceConflictException',
      message: 'Function already exist: twice',
    });
  });

  // As AWS answers: an Environment that was given is told, an empty one too.
  test('returns an empty Environment if one was given, otherwise none', async () => {
    const told = async (name: string) => {
      const answer = await shared().client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      return answer.Environment;
    };
    await createFunction(shared(), 'empty', '', { Environment: { Variables: {} } });
    await createFunction(shared(), 'without', '');
    assert.deepEqual(await told('empty'), { Variables: {} });
    assert.equal(await told('without'), undefined);
  });

  const refused: Readonly<
    Record<string, readonly [Partial<CreateFunctionRequest>, code: string, says: RegExp]>
  > = {
    'an unknown runtime': [
      // A client of another language would send what it likes.
      { Runtime: 'cobol' as 'nodejs' },
      'InvalidParameterValueException',
      // As CreateFunction answered at AWS (github.com/serverless/serverless, issue 7183).
      /^Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[nodejs, .*\] or be a valid ARN$/,
    ],
    'a runtime that AWS has ended': [
      { Runtime: 'nodejs4.3' },
      'InvalidParameterValueException',
      // As CreateFunction answered at AWS (github.com/SWO-GS/auto-tag, issue 41).
      /^The runtime parameter of nodejs4\.3 is no longer supported for creating or updating AWS Lambda functions\. We recommend you use the new runtime \(nodejs24\.x\) while creating or updating functions\.$/,
    ],
    'an ended runtime of Python': [
      { Runtime: 'python2.7' },
      'InvalidParameterValueException',
      /^The runtime parameter of python2\.7 is no longer supported/,
    ],
    'a runtime that cannot run here': [
      { Runtime: 'java21' },
      'InvalidParameterValueException',
      /nagare does not support the runtime java21 yet/,
    ],
    'no handler': [
      { Handler: undefined },
      'InvalidParameterValueException',
      /^Runtime and Handler are mandatory parameters/,
    ],
    'a role that is none': [{ Role: 'me' }, 'ValidationException', /at 'role' failed to satisfy constraint/],
    'a timeout of more than 15 minutes': [
      { Timeout: 901 },
      'ValidationException',
      /Value '901' at 'timeout' .* less than or equal to 900/,
    ],
    'variables that Lambda sets itself': [
      { Environment: { Variables: { AWS_REGION: 'x', FINE: 'y' } } },
      'InvalidParameterValueException',
      /Reserved keys used in this request: AWS_REGION$/,
    ],
    'more than 4 KB of variables': [
      { Environment: { Variables: { BIG: 'x'.repeat(4096) } } },
      'InvalidParameterValueException',
      /exceeded the 4KB limit/,
    ],
    'a zip in which a file is a folder as well': [
      { Code: { ZipFile: zip({ a: 'x', 'a/b': 'x' }) } },
      'InvalidParameterValueException',
      /^Could not unzip uploaded file\./,
    ],
    'a zip with a name that no disk has room for': [
      { Code: { ZipFile: zip({ ['n'.repeat(5000)]: 'x' }) } },
      'InvalidParameterValueException',
      /^Could not unzip uploaded file\./,
    ],
    'what is no zip': [
      { Code: { ZipFile: Buffer.from('no zip at all, whatever it says') } },
      'InvalidParameterValueException',
      /^Could not unzip uploaded file\. Please check your file, then try to upload again\.$/,
    ],
    'no code': [
      { Code: {} },
      'InvalidParameterValueException',
      /^Please provide a source for function code\.$/,
    ],
    'code in a bucket': [
      { Code: { S3Bucket: 'bucket', S3Key: 'key' } },
      'InvalidParameterValueException',
      /nagare does not support S3Bucket yet/,
    ],
    layers: [
      { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:l:1'] },
      'InvalidParameterValueException',
      /nagare does not support Layers yet/,
    ],
    'an image': [
      { PackageType: 'Image' },
      'InvalidParameterValueException',
      /nagare does not support PackageType Image yet/,
    ],
    'a name of 65 characters': [
      { FunctionName: 'n'.repeat(65) },
      'ValidationException',
      /Member must have length less than or equal to 64/,
    ],
    'a name that leads elsewhere': [{ FunctionName: '../up' }, 'ValidationException', /at 'functionName'/],
  };

  for (const [what, [change, name, message]] of Object.entries(refused)) {
    test(`refuses ${what}`, async () => {
      const request = { ...valid, FunctionName: 'refused', ...change };
      await assert.rejects(shared().client.send(new CreateFunctionCommand(request)), { name, message });
    });
  }

  test('leaves nothing of a refused function', async () => {
    assert.deepEqual(
      (await readdir(join(shared().folder, 'functions/code'))).filter((name) =>
        /refused|incoming/.test(name),
      ),
      [],
    );
  });
});

test('a function survives a restart', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'lasting', 'export const handler = async () => process.env.KEPT;', {
    Environment: { Variables: { KEPT: 'kept' } },
  });
  await server.restart();
  assert.equal((await invoke(server, 'lasting')).payload, 'kept');
});
