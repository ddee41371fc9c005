import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { families, familyOf } from '../../../../src/services/lambda/runtime/families/index.ts';
import { findProgram } from '../../../../src/services/lambda/runtime/families/family.ts';
import { warnOfRuntimeFolder } from '../../../../src/services/lambda/runtime/runtime-folder.ts';
import { noIsolation } from '../../../../src/services/lambda/isolation/isolation.ts';
import api from '../../../../src/services/lambda/api.json' with { type: 'json' };
import { recordedLog } from '../../../support/recorded-log.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { createFunction, invoke, startLambda, zip } from '../lambda-server.ts';

const client = join(import.meta.dirname, 'executables/ruby/client.rb');
const noRuby = findProgram('ruby') === undefined && 'there is no ruby on this machine';
const noPython = findProgram('python3') === undefined && 'there is no python3 on this machine';

test('every runtime that AWS knows belongs to a family', () => {
  const known = api.shapes.Runtime.enum;
  assert.deepEqual(
    known.filter((runtime) => familyOf(runtime) === undefined),
    [],
  );
  const ours = families.flatMap(({ runtimes, ended }) => [...runtimes, ...ended]);
  assert.deepEqual(ours.toSorted(), known.toSorted());
});

/** A folder that other users may enter, as functions do. */
async function openFolder(): Promise<string> {
  const folder = await temporaryFolder();
  chmodSync(folder, 0o755);
  return folder;
}

function greeting(text: string): Uint8Array {
  return zip({ 'app.rb': `def handler(event:, context:) = '${text}'` });
}

describe('the runtime folder', () => {
  test('has the client for Ruby functions that bring none', { skip: noRuby }, async (t) => {
    const runtimeFolder = await openFolder();
    const gem = join(runtimeFolder, 'ruby/gems/aws_lambda_ric-3.0.0/lib/aws_lambda_ric');
    mkdirSync(gem, { recursive: true });
    cpSync(client, join(gem, 'bootstrap.rb'));
    // The folder of one runtime comes first.
    mkdirSync(join(runtimeFolder, 'ruby3.2/lib/aws_lambda_ric'), { recursive: true });
    writeFileSync(
      join(runtimeFolder, 'ruby3.2/lib/aws_lambda_ric/bootstrap.rb'),
      "module Bootstrap; def self.bootstrap_handler = abort('another client'); end",
    );
    const server = await startLambda(t, { runtimeFolder });
    const options = { Handler: 'app.handler', Code: { ZipFile: greeting('first') } };
    await createFunction(server, 'f', '', { Runtime: 'ruby3.4', ...options });
    assert.equal((await invoke(server, 'f')).payload, 'first');
    await server.client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: greeting('second') }),
    );
    assert.equal((await invoke(server, 'f')).payload, 'second');
    await createFunction(server, 'other', '', { Runtime: 'ruby3.2', ...options });
    assert.match((await invoke(server, 'other')).log, /another client/);
  });

  test('runs class libraries of .NET as AWS does', { skip: noPython }, async (t) => {
    const runtimeFolder = await openFolder();
    mkdirSync(join(runtimeFolder, 'dotnet'));
    writeFileSync(join(runtimeFolder, 'dotnet/Amazon.Lambda.RuntimeSupport.dll'), '');
    await standInForDotnet(t);
    const server = await startLambda(t, { runtimeFolder });
    const create = (name: string, Handler: string, files: Record<string, string>) =>
      createFunction(server, name, '', { Runtime: 'dotnet8', Handler, Code: { ZipFile: zip(files) } });
    const told = async (name: string) => {
      const { args, root } = (await invoke(server, name)).payload as { args: string[]; root: string };
      return args.map((arg) => arg.replace(root, 'CODE').replace(runtimeFolder, 'RUNTIMES'));
    };
    await create('library', 'App::App.Function::Handle', {
      'App.deps.json': '{}',
      'App.runtimeconfig.json': '{}',
    });
    const library =
      'exec --depsfile CODE/App.deps.json --runtimeconfig CODE/App.runtimeconfig.json ' +
      'RUNTIMES/dotnet/Amazon.Lambda.RuntimeSupport.dll App::App.Function::Handle';
    assert.equal((await told('library')).join(' '), library);
    await create('program', 'App', { 'App.dll': '', 'Amazon.Lambda.RuntimeSupport.dll': '' });
    assert.deepEqual(await told('program'), ['exec', 'CODE/App.dll']);
    await assert.rejects(create('bare', 'App', { 'App.dll': '' }), {
      message: /this code: the zip has no Amazon\.Lambda\.RuntimeSupport\.dll with its dependencies\.$/,
    });
    await assert.rejects(create('odd', 'App::App.Function::Handle', { 'App.dll': '' }), {
      message: /this code: the zip has no App\.deps\.json\.$/,
    });
  });

  test('is named in the log when it has nothing', async () => {
    const { log, lines } = recordedLog();
    warnOfRuntimeFolder('/does/not/exist', noIsolation, log);
    warnOfRuntimeFolder(undefined, noIsolation, log);
    assert.deepEqual(lines, ['warn: the runtime folder is empty or cannot be read']);
  });
});

test('new code without the client is refused, as by CreateFunction', { skip: noRuby }, async (t) => {
  const server = await startLambda(t);
  const gem = 'vendor/bundle/ruby/3.4.0/gems/aws_lambda_ric-3.0.0/lib/aws_lambda_ric/bootstrap.rb';
  const app = "def handler(event:, context:) = 'here'";
  const whole = zip({ 'app.rb': app, [gem]: readFileSync(client, 'utf8') });
  const options = { Runtime: 'ruby3.4' as const, Handler: 'app.handler', Code: { ZipFile: whole } };
  await createFunction(server, 'f', '', options);
  const update = (ZipFile: Uint8Array, DryRun = false) =>
    server.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile, DryRun }));
  for (const dryRun of [true, false]) {
    await assert.rejects(update(zip({ 'app.rb': app }), dryRun), {
      name: 'InvalidParameterValueException',
      message: /^The runtime ruby3\.4 cannot run this code: vendor\/bundle of the zip has no gem/,
    });
  }
  assert.equal((await invoke(server, 'f')).payload, 'here');
});

/** Puts a program `dotnet` on the PATH that answers each invocation with its own arguments. */
async function standInForDotnet(t: TestContext): Promise<void> {
  const folder = await openFolder();
  const { PATH = '' } = process.env;
  const program = `#!/usr/bin/env python3
import json, os, sys, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as following:
        request_id = following.headers["Lambda-Runtime-Aws-Request-Id"]
    answer = {"args": sys.argv[1:], "root": os.environ["LAMBDA_TASK_ROOT"]}
    urllib.request.urlopen(api + request_id + "/response", json.dumps(answer).encode()).close()
`;
  writeFileSync(join(folder, 'dotnet'), program, { mode: 0o755 });
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}
