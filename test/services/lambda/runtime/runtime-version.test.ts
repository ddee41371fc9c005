import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { createFunction, startLambda, zip } from '../lambda-server.ts';

const gem = 'vendor/bundle/ruby/3.4.0/gems/aws_lambda_ric-3.0.0/lib/aws_lambda_ric/bootstrap.rb';
const rubyCode = zip({ 'app.rb': '', [gem]: '' });
const ruby = { Runtime: 'ruby3.4', Handler: 'app.handler', Code: { ZipFile: rubyCode } } as const;

/** Puts a program on the PATH that nothing starts. Returns its path. */
async function standInFor(program: string, t: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  const { PATH = '' } = process.env;
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  t.after(() => {
    process.env['PATH'] = PATH;
  });
  const path = join(folder, program);
  writeFileSync(path, 'one version', { mode: 0o755 });
  return path;
}

test('another version of the interpreter is another RuntimeVersionArn', async (t) => {
  const interpreter = await standInFor('ruby', t);
  const server = await startLambda(t);
  const { client } = server;
  await createFunction(server, 'a', '', ruby);
  await createFunction(server, 'b', '', ruby);
  await createFunction(server, 'other', '', { ...ruby, Runtime: 'ruby3.3' });
  await createFunction(server, 'node', 'export const handler = () => 1;');
  const versions = async () =>
    await Promise.all(
      ['a', 'b', 'other', 'node'].map(async (FunctionName) => {
        const told = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return told.RuntimeVersionConfig?.RuntimeVersionArn;
      }),
    );
  const [a, b, other, node] = await versions();
  assert.equal(a, b);
  assert.equal(new Set([a, other, node]).size, 3);
  writeFileSync(interpreter, 'another version');
  const later = await versions();
  assert.notEqual(later[0], a);
  assert.equal(later[3], node);
  const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions.map(({ RuntimeVersionConfig }) => RuntimeVersionConfig),
    [undefined, undefined, undefined, undefined], // as the API says of lists
  );
});

/**
 * Terraform changes the configuration first and then the code, so the new runtime's client cannot be there yet; with the
 * code first it would be the old runtime's that is missing.
 */
test('a function gets another runtime, and then the code for it', async (t) => {
  await standInFor('ruby', t);
  const server = await startLambda(t);
  await createFunction(server, 'f', 'export const handler = () => 1;');
  const { Runtime, Handler } = ruby;
  await server.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Runtime, Handler }));
  const code = new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: rubyCode });
  assert.equal((await server.client.send(code)).Runtime, 'ruby3.4');
});
