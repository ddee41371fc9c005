/**
 * Clients in other languages, as their users make them: the AWS SDKs for Java 2 (CBOR over HTTP/2) and Go 2, the
 * Kinesis Client Library (leases in DynamoDB Local) and the Kinesis Producer Library (its own native program).
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildJava, type JavaPrograms } from '../support/java.ts';
import { clientEnvironment, spawnServer, type ServerProcess } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const javaFolder = fileURLToPath(new URL('java/', import.meta.url));
const goFolder = fileURLToPath(new URL('go/', import.meta.url));

/** What is missing to run this, or false: a skip, which under CI=true is a failure. */
function missing(...programs: readonly string[]): string | false {
  const absent = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  if (absent.length === 0) return false;
  const reason = `needs ${absent.join(' and ')}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** Runs a program to its end; fails with what it printed when it takes too long or does not exit with 0. */
async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 10 * 60_000,
  });
  let printed = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-20_000)));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.equal(code, 0, `${command} ${args.join(' ')}\n${printed}\n${errors}`);
  return printed;
}

describe('the AWS SDK for Go 2', { skip: missing('go') }, () => {
  test('puts, gets, subscribes, and recognizes errors', async () => {
    await using server = await spawnServer();
    const folder = await temporaryFolder();
    try {
      await run('go', ['build', '-o', join(folder, 'client'), '.'], goFolder);
      assert.equal(await run(join(folder, 'client'), [server.endpoint], folder), 'ok\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('clients in Java', { skip: missing('mvn', 'java') }, () => {
  let server: ServerProcess;
  let programs: JavaPrograms;

  before(async () => {
    programs = await buildJava(javaFolder);
    server = await spawnServer({ args: ['--tls'] });
  });
  after(() => server?.close());

  const java = (main: string, ...args: readonly string[]): Promise<string> =>
    run(
      'java',
      [
        '-cp',
        programs.classPath,
        `-Dsqlite4java.library.path=${programs.libraries}`,
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        `nagare.${main}`,
        ...args,
      ],
      programs.libraries,
      clientEnvironment(server.endpoint),
    );
  const plain = (): string => server.endpoint.replace('https:', 'http:');

  test('the SDK puts, gets, subscribes (CBOR over HTTP/2), and recognizes errors', async () => {
    assert.equal(await java('SdkV2', plain()), 'ok\n');
  });

  test('the SDK keeps idle subscriptions at its default timeouts, over HTTP/2 and HTTP/1.1', async () => {
    assert.equal(await java('IdleSubscriptions', plain()), 'ok\n');
  });

  test('the KCL reads across a split and a merge by polling, nothing lost or repeated', async () => {
    assert.match(await java('Kcl', plain(), 'polling'), /^ok 1200 records$/m);
  });

  test('the KCL reads across a split and a merge by fan-out, nothing lost or repeated', async () => {
    assert.match(await java('Kcl', plain(), 'fanout'), /^ok 1200 records$/m);
  });

  test('the KPL writes aggregated records over TLS, which the KCL splits', async () => {
    assert.match(
      await java('Kpl', plain(), plain().replace('http:', 'https:')),
      /^ok 2000 user records in \d+$/m,
    );
  });
});
