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
    assert.match(
      told.RuntimeVersionConfig?.RuntimeVersionArn ?? '',
      /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/,
    );
    assert.deepEqual(
      { ...told, LastModified: '', RevisionId: '', Architectures: [], RuntimeVersionConfig: {} },
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
        RuntimeVersionConfig: {},
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
    'the ended runtime of Go': [
      { Runtime: 'go1.x' },
      'InvalidParameterValueException',
      /^The runtime parameter of go1\.x is no longer supported .* \(provided\.al2023\)/,
    ],
    'the ended runtime of Amazon Linux 1': [
      { Runtime: 'provided' },
      'InvalidParameterValueException',
      /^The runtime parameter of provided is no longer supported .* \(provided\.al2023\)/,
    ],
    'an ended runtime of .NET': [
      { Runtime: 'dotnetcore3.1' },
      'InvalidParameterValueException',
      /^The runtime parameter of dotnetcore3\.1 is no longer supported .* \(dotnet10\)/,
    ],
    'an ended runtime of Java': [
      { Runtime: 'java8' },
      'InvalidParameterValueException',
      /^The runtime parameter of java8 is no longer supported .* \(java25\)/,
    ],
    'an ended runtime of Ruby': [
      { Runtime: 'ruby2.7' },
      'InvalidParameterValueException',
      /^The runtime parameter of ruby2\.7 is no longer supported .* \(ruby4\.0\)/,
    ],
    // On a machine without the interpreter they are refused for that reason.
    'a Ruby function without the runtime interface client': [
      { Runtime: 'ruby3.4' },
      'InvalidParameterValueException',
      /^The runtime ruby3\.4 cannot run (here: no ruby on|this code: vendor\/bundle of the zip has no gem aws_lambda_ric,)/,
    ],
    'a .NET class library without the runtime folder': [
      { Runtime: 'dotnet8', Handler: 'A::B.C::D' },
      'InvalidParameterValueException',
      /^The runtime dotnet8 cannot run (here: no dotnet on|this code: the handler A::B\.C::D is a method of a class library,)/,
    ],
    'a .NET function without its assembly': [
      { Runtime: 'dotnet10', Handler: 'Assembly' },
      'InvalidParameterValueException',
      /^The runtime dotnet10 cannot run (here: no dotnet on|this code: the zip has neither Assembly\.dll nor Assembly\.)/,
    ],
    'a Java function without the runtime interface client': [
      { Runtime: 'java21', Handler: 'example.Handler' },
      'InvalidParameterValueException',
      /^The runtime java21 cannot run (here: no java on|this code: lib\/ of the zip has no aws-lambda-java-runtime-)/,
    ],
    'an ended runtime of Python': [
      { Runtime: 'python2.7' },
      'InvalidParameterValueException',
      /^The runtime parameter of python2\.7 is no longer supported/,
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
    'code for another machine': [
      { Architectures: [process.arch === 'arm64' ? 'x86_64' : 'arm64'] },
      'InvalidParameterValueException',
      /^nagare does not support the architecture \w+ on this machine/,
    ],
    'an image': [
      { PackageType: 'Image' },
      'InvalidParameterValueException',
      /nagare does not support PackageType Image yet/,
    ],
    'a name of 65 characters': [
      { FunctionName: 'n'.repeat(65) },
      'InvalidParameterValueException',
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
