import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from '../support/command.ts';
import { until } from '../support/until.ts';
import { mainPath, spawnServer, temporaryFolder } from '../support/server.ts';

const withoutProc = existsSync('/proc/self') ? false : 'there is no /proc here';

/** Runs a command line to its end; one that finds none is killed. */
async function nagare(args: readonly string[], cwd?: string) {
  const child = spawn(process.execPath, [mainPath, ...args], {
    cwd: cwd ?? (await temporaryFolder()),
    timeout: 180_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, errors };
}

test('start prints where it listens, where its data is, and what clients need', async () => {
  await using server = await spawnServer();
  assert.match(server.output, /^nagare \d+\.\d+\.\d+\S*, ready in \d+ ms\n/);
  assert.ok(server.output.includes(`${server.endpoint} (loopback only`));
  assert.ok(server.output.includes(`  console  ${server.endpoint}/\n`));
  assert.ok(server.output.includes(server.dataDir));
  assert.ok(server.output.includes(`export AWS_ENDPOINT_URL=${server.endpoint}\n`));
  assert.match(server.output, /export AWS_ACCESS_KEY_ID=\S+ AWS_SECRET_ACCESS_KEY=\S+ AWS_REGION=us-east-1 /);
});

// A server that is only ever killed took twice as long at each start.
test('the compile cache is kept for the next start, even after a kill', async () => {
  const cache = await temporaryFolder();
  await using server = await spawnServer({ env: { NODE_COMPILE_CACHE: cache } });
  await until(async () => readdirSync(cache, { recursive: true }).length > 100, { what: 'the code is kept' });
  await server.kill();
  await rm(cache, { recursive: true, force: true });
});

test('the server answers once it has printed so, and /health works', async () => {
  await using server = await spawnServer();
  const answer = await fetch(`${server.endpoint}/health`);
  assert.equal(answer.status, 200);
  assert.partialDeepStrictEqual(await answer.json(), { status: 'ok', problems: [] });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} stops the server with exit code 0`, async () => {
    await using server = await spawnServer();
    assert.equal(await server.stop(signal), 0);
    await assert.rejects(fetch(`${server.endpoint}/health`));
  });
}

// It once ended with a stack.
test('a master key of another data folder is reported in one line', async () => {
  await using server = await spawnServer();
  await server.stop('SIGTERM');
  const NAGARE_MASTER_KEY = Buffer.alloc(32, 1).toString('base64');
  const args = ['start', '--port', '0', '--data-dir', server.dataDir];
  const { code, errors } = await runCommand(args, { NAGARE_MASTER_KEY });
  assert.equal(code, 1);
  assert.match(errors, /^nagare: the master key is not the one of this data folder: .*\n$/);
});

// `nagare start | head -1` once ended the server with the pipe: the next line it printed had nobody to read it.
test('the server keeps running when the reader of its output exits', async () => {
  const child = spawn(process.execPath, [mainPath, 'start', '--port', '0'], { cwd: await temporaryFolder() });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  child.stdout.destroy();
  child.stderr.destroy();
  const endpoint = /http:\S+/.exec(first.toString())?.[0];
  assert.ok(endpoint !== undefined);
  child.kill('SIGTERM'); // makes it print that it stops
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
});

/** A request whose head has reached the server and whose body has not ended. */
async function openRequest(endpoint: string): Promise<ClientRequest> {
  const open = request(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.ListStreams',
      expect: '100-continue',
    },
  });
  open.flushHeaders();
  await once(open, 'continue');
  open.write('{"Limit":');
  return open;
}

test('a request in progress during a shutdown is still answered', async () => {
  await using server = await spawnServer();
  const open = await openRequest(server.endpoint);
  const stopped = server.stop('SIGTERM');
  await server.untilPrinted('shutting down');
  open.end('1}');
  const [answer] = (await once(open, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 200);
  answer.resume();
  assert.equal(await stopped, 0);
});

/** Long enough for a second signal to be sent within it, however busy the machine is. */
const SAME_SIGNAL_MS = 2_000;
const limitsUrl = new URL('../../src/cli/limits.ts', import.meta.url).href;
const patient = `import { cliLimits } from '${limitsUrl}'; cliLimits.sameSignalMs = ${SAME_SIGNAL_MS};`;

test('a second signal does not wait for requests in progress', async () => {
  const preload = `data:text/javascript,${encodeURIComponent(patient)}`;
  await using server = await spawnServer({ env: { NODE_OPTIONS: `--import ${preload}` } });
  const open = await openRequest(server.endpoint);
  open.on('error', () => {});
  const stopped = server.stop('SIGTERM');
  await server.untilPrinted('shutting down');
  process.kill(server.pid, 'SIGTERM');
  // That one was too soon to be another wish: the request is still open after it.
  await sleep(SAME_SIGNAL_MS + 100);
  assert.equal(open.destroyed, false);
  assert.equal(await server.stop('SIGTERM'), 128 + 15);
  await stopped;
});

test('a port in use is one clear line and exit code 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  // A server that listens on a port has an address of that form.
  const { port } = other.address() as AddressInfo;
  const { code, errors } = await nagare(['start', '--port', String(port)]);
  other.close();
  assert.equal(code, 1);
  assert.equal(
    errors,
    `nagare: port ${port} on 127.0.0.1 is in use; choose another with --port (0 picks a free one)\n`,
  );
});

test('a data folder in use by another server is refused', async () => {
  await using server = await spawnServer();
  const { code, errors } = await nagare(['start', '--port', '0', '--data-dir', server.dataDir]);
  assert.equal(code, 1);
  assert.match(
    errors,
    /^nagare: the data folder \S+ is in use by another nagare process \(process \d+ on .*\n$/,
  );
});

test('a path that cannot be a data folder is refused', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const { code, errors } = await nagare(['start', '--port', '0', '--data-dir', join(folder, 'file')]);
  assert.equal(code, 1);
  assert.match(errors, /^nagare: cannot use the data folder \S+: .*\n$/);
});

// Codes were listed one by one: a name that is too long, or a link to itself, showed a stack.
test('a system error about the data folder is one line, without a stack', async () => {
  const folder = await temporaryFolder();
  await symlink('loop', join(folder, 'loop'));
  for (const [dataDir, why] of [
    [join(folder, 'n'.repeat(300)), 'name too long'],
    [join(folder, 'loop', 'data'), 'too many symbolic links encountered'],
  ] as const) {
    const { code, errors } = await nagare(['start', '--port', '0', '--data-dir', dataDir]);
    assert.equal(code, 1);
    assert.ok(errors.startsWith(`nagare: cannot use the data folder ${dataDir}: ${why}`), errors);
    assert.equal(errors.split('\n').length, 2, errors);
  }
});

// mkdir answers ENOENT below /proc although the parent exists: Node's own recursive mkdir tried again without end.
test('a data folder that cannot be created is refused', { skip: withoutProc }, async () => {
  const { code, errors } = await nagare(['start', '--port', '0', '--data-dir', '/proc/x']);
  assert.equal(code, 1);
  assert.match(errors, /^nagare: cannot use the data folder \/proc\/x: no such file or directory\n$/);
});

test('invalid settings are reported, one per line, and nothing is started', async () => {
  const { code, output, errors } = await nagare(['start', '--port', 'http', '--auth', 'maybe']);
  assert.equal(code, 1);
  assert.equal(output, '');
  assert.equal(errors.split('\n').filter((line) => line.startsWith('nagare: --')).length, 2);
});

test('a misspelt command or flag is reported with a suggestion', async () => {
  const command = await nagare(['sart']);
  assert.equal(command.code, 2);
  assert.match(command.errors, /did you mean start\?/);
  const flag = await nagare(['start', '--prot', '1']);
  assert.equal(flag.code, 2);
  assert.match(flag.errors, /did you mean --port\?/);
});

test('--version prints only the version', async () => {
  const { code, output } = await nagare(['--version']);
  assert.equal(code, 0);
  assert.match(output, /^\d+\.\d+\.\d+\S*\n$/);
});

test('a folder with other content is refused and left unchanged', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'lost+found'));
  await writeFile(join(folder, 'thesis.tex'), '');
  const { code, errors } = await nagare(['start', '--port', '0', '--data-dir', folder]);
  assert.equal(code, 1);
  assert.equal(
    errors,
    `nagare: ${folder} is not empty and is not a nagare data folder; choose another folder with --data-dir\n`,
  );
  assert.deepEqual((await readdir(folder)).toSorted(), ['lost+found', 'thesis.tex']);
});

test('a new file system with a lost+found folder is accepted', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'lost+found'));
  await using server = await spawnServer({ args: ['--data-dir', folder] });
  assert.equal(await server.stop('SIGTERM'), 0);
});

test('--cors-origin and --allow-host can be repeated', async () => {
  const origins = ['http://localhost:3000', 'https://app.example'];
  const hosts = ['a.example', 'b.example'];
  await using server = await spawnServer({
    args: [
      ...origins.flatMap((origin) => ['--cors-origin', origin]),
      ...hosts.flatMap((host) => ['--allow-host', host]),
    ],
  });
  for (const [index, origin] of origins.entries()) {
    const health = request(`${server.endpoint}/health`, { headers: { origin, host: hosts[index] ?? '' } });
    health.end();
    const [answer] = (await once(health, 'response')) as [IncomingMessage];
    answer.resume();
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['access-control-allow-origin'], origin);
  }
});
