import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** npm and node as the machine has them: npm's scripts, ours among them, put the project's own Node first. */
const machine = {
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith('node_modules/.bin'))
    .join(delimiter),
  npm_config_update_notifier: 'false',
};

let clone: string;

before(async () => {
  clone = join(await temporaryFolder(), 'nagare');
  await runTool('git', ['clone', '--quiet', root, clone]);
});

async function untilListening(
  child: ChildProcess,
): Promise<{ readonly endpoint: string; readonly output: () => string }> {
  let output = '';
  return await new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
      const endpoint = /http:\/\/\S+:\d+(?=\s)/.exec(output)?.[0];
      if (endpoint !== undefined) resolve({ endpoint, output: () => output });
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)));
  });
}

test('in a fresh clone, npm start installs what is missing, serves, and stops with npm', async () => {
  const npm = spawn('npm', ['start', '--', '--port', '0'], {
    cwd: clone,
    env: { ...process.env, ...machine },
  });
  const { endpoint, output } = await untilListening(npm);
  assert.equal((await fetch(`${endpoint}/health`)).status, 200);
  assert.doesNotMatch(output(), /EBADENGINE|deprecated|vulnerabilit/);
  const ended = once(npm, 'exit');
  npm.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  assert.match(output(), /shutting down/);
});

test("npm install prints no warning of nagare's own", async () => {
  const output = await runTool('npm', ['install', '--loglevel=warn', '--json=false'], {
    cwd: clone,
    env: machine,
  });
  assert.doesNotMatch(output, /warn/i);
});

test('npm pack contains compiled JavaScript whose nagare command works in an empty folder', async () => {
  const destination = await temporaryFolder();
  await runTool('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: clone, env: machine });
  assert.equal(await runTool('git', ['status', '--porcelain'], { cwd: clone }), '');
  const [tarball = ''] = await readdir(destination);
  assert.match(tarball, /^nagare-\d+\.\d+\.\d+.*\.tgz$/);

  const folder = await temporaryFolder();
  const env = { ...machine, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${machine.PATH}` };
  await runTool('npm', ['init', '-y', '--silent'], { cwd: folder, env });
  await runTool('npm', ['install', '--silent', join(destination, tarball)], { cwd: folder, env });
  const content = await readFile(join(folder, 'node_modules', 'nagare', 'package.json'), 'utf8');
  const { engines } = JSON.parse(content) as { engines: unknown };
  assert.deepEqual(engines, { node: '>=22.18' });

  await linksWork(join(folder, 'node_modules', 'nagare'));
  await refusesOldNode(join(folder, 'node_modules', 'nagare', 'dist', 'main.js'));

  // npx hands signals to its shell, and that keeps them to itself: the whole group is told, as by Ctrl-C.
  const npx = spawn('npx', ['nagare', 'start', '--port', '0'], {
    cwd: folder,
    env: { ...process.env, ...env },
    detached: true,
  });
  const { endpoint, output } = await untilListening(npx);
  const { pid } = npx;
  assert.ok(pid);
  const closed = once(npx, 'close');
  try {
    await useIt(endpoint);
  } finally {
    process.kill(-pid, 'SIGINT');
    await closed;
  }
  assert.match(output(), /shutting down/);
});

/** The pages of the package lead to each other, and nowhere else. */
async function linksWork(folder: string): Promise<void> {
  const pages = (await readdir(folder, { recursive: true })).filter(
    (name) => name.endsWith('.md') && !name.includes('node_modules'),
  );
  for (const page of ['README.md', 'docs/README.md', 'docs/how-to/first-function.md', 'examples/README.md']) {
    assert.ok(pages.includes(page), page);
  }
  for (const page of pages) {
    const text = (await readFile(join(folder, page), 'utf8')).replace(/^```[^]*?^```$/gm, '');
    for (const [, link = ''] of text.matchAll(/\]\(([^()\s#]+)[^()\s]*\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      assert.ok(existsSync(join(folder, dirname(page), link)), `${page} leads to ${link}`);
    }
  }
}

/** Told by the machine's own Node, where that is one: nothing else shows whether an old one can read the file at all. */
async function refusesOldNode(main: string): Promise<void> {
  const version = (await runTool('node', ['--version'], { env: machine })).trim().slice(1);
  if (!/^(18|20)\./.test(version)) return;
  const run = async (argument: string): Promise<[number | null, string]> => {
    const child = spawn('node', [main, argument], { env: { ...process.env, ...machine } });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return [code, errors];
  };
  assert.deepEqual(await run('start'), [1, `nagare requires Node 22.18 or newer; this is ${version}\n`]);
  // Which version it is, and what it needs, an old Node can tell.
  assert.deepEqual(await run('--version'), [0, '']);
}

/** A stream, a function and an object: whatever the package may lack shows here. */
async function useIt(endpoint: string): Promise<void> {
  assert.equal((await fetch(`${endpoint}/health`)).status, 200);
  const { CreateStreamCommand, KinesisClient, PutRecordCommand } = await import('@aws-sdk/client-kinesis');
  const { CreateFunctionCommand, InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const { zipSync } = await import('fflate');
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const kinesis = new KinesisClient(options);
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const put = await kinesis.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('data') }),
  );
  assert.equal(put.ShardId, 'shardId-000000000000');
  kinesis.destroy();

  const lambda = new LambdaClient(options);
  const code = Buffer.from('exports.handler = async (event) => ({ twice: event.number * 2 });');
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'double',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/any',
      Code: { ZipFile: zipSync({ 'index.js': code }) },
    }),
  );
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: 'double', Payload: Buffer.from('{"number":21}') }),
  );
  assert.equal(Buffer.from(answer.Payload ?? []).toString(), '{"twice":42}');
  lambda.destroy();
}
