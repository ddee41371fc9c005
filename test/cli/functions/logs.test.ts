import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { declared } from '../../support/declarations.ts';
import { until } from '../../support/until.ts';
import { runCommand } from '../../support/command.ts';
import { mainPath } from '../../support/server-process.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../../support/server.ts';
import { spawn } from 'node:child_process';

let server: TestServer;
let lambda: LambdaClient;

before(async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'talk.mjs'), 'export const handler = ({ say }) => console.log(say);');
  const talk = { path: './talk.mjs', handler: 'handler', environment: {}, eventSources: [] };
  server = await startTestServer({
    baseDir: folder,
    declarations: declared({ functions: { talk } }),
  });
  lambda = new LambdaClient(clientOptions(server.endpoint));
});

after(async () => {
  lambda.destroy();
  await server.close();
});

async function say(words: string): Promise<void> {
  await lambda.send(
    new InvokeCommand({ FunctionName: 'talk', Payload: Buffer.from(JSON.stringify({ say: words })) }),
  );
}

test('a function that has not run, or does not exist, is reported as such', async () => {
  const { code, errors } = await runCommand(['function', 'logs', 'nobody', '--endpoint', server.endpoint]);
  assert.equal(code, 4);
  assert.match(
    errors,
    /^nagare: \/aws\/lambda\/nobody does not exist: the function does not exist or has never run\n {2}try: nagare function ls\n$/,
  );
});

test('logs prints the output of a function, each line with its time', async () => {
  await say('good morning');
  await say('good evening');
  const { code, output } = await runCommand(['function', 'logs', 'talk', '--endpoint', server.endpoint]);
  assert.equal(code, 0);
  assert.match(output, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z .*good morning$/m);
  assert.ok(output.indexOf('good morning') < output.indexOf('good evening'));
});

test('logs prints what a function wrote into the log group of its LoggingConfig', async () => {
  const source = "export const handler = async () => console.log('elsewhere');";
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'grouped',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/test',
      Handler: 'index.handler',
      Code: { ZipFile: zipSync({ 'index.mjs': strToU8(source) }) },
      LoggingConfig: { LogGroup: '/shared' },
    }),
  );
  await lambda.send(new InvokeCommand({ FunctionName: 'grouped' }));
  await until(async () => {
    const { output } = await runCommand(['function', 'logs', 'grouped', '--endpoint', server.endpoint]);
    return output.includes('elsewhere');
  });
});

test('--filter prints matching lines, --since recent ones', async () => {
  await say('one apple');
  const filtered = await runCommand(['function', 'logs', 'talk', '--filter', 'apple'], {
    AWS_ENDPOINT_URL: server.endpoint,
  });
  assert.match(filtered.output, /one apple/);
  assert.doesNotMatch(filtered.output, /good morning/);
  const recent = await runCommand([
    'function',
    'logs',
    'talk',
    '--since',
    '1h',
    '--endpoint',
    server.endpoint,
  ]);
  assert.match(recent.output, /good morning/);
  const wrong = await runCommand([
    'function',
    'logs',
    'talk',
    '--since',
    'yesterday',
    '--endpoint',
    server.endpoint,
  ]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.errors, /such as 30s, 10m, 2h or 7d/);
});

test('--follow prints later output, each line once', async () => {
  await say('before');
  const child = spawn(process.execPath, [
    mainPath,
    'logs',
    'talk',
    '--follow',
    '--endpoint',
    server.endpoint,
  ]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const untilSaid = (text: string) => until(() => output.includes(text), { what: text });
  try {
    await untilSaid('before');
    await say('afterwards');
    await untilSaid('afterwards');
    await say('at last');
    await untilSaid('at last');
    assert.equal(output.split('afterwards').length, 2);
    assert.equal(output.split('before').length, 2);
  } finally {
    child.kill();
  }
});

test('when no server answers, the command says how to start one', async () => {
  const { code, errors } = await runCommand(['function', 'logs', 'talk', '--endpoint', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(errors, /no server answers at http:\/\/127\.0\.0\.1:1\n.*\n {2}try: nagare start\n/);
  const noUrl = await runCommand(['function', 'logs', 'talk', '--endpoint', 'nowhere']);
  assert.match(noUrl.errors, /invalid URL "nowhere"; expected/);
});
