import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions, mainPath, spawnServer } from '../../../support/server.ts';
import { role, zip } from '../lambda-server.ts';
import { spy, type Spied } from './spy.ts';

/** nobody, in all distributions. */
const USER_ID = 65_534;

/** Why a server without rights cannot isolate functions here; false when it can. */
function skipWithoutNamespaces(): string | false {
  if (process.platform !== 'linux') return 'namespaces are those of Linux';
  if (process.getuid?.() !== 0) return 'only root can start a server as another user';
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
  const { error, status, stdout, stderr } = spawnSync(
    'setpriv',
    [...asNobody, process.execPath, mainPath, 'doctor', '--function-isolation', 'strict', '--data-dir', '/x'],
    { cwd: '/', encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } },
  );
  if (/^ok\s+function isolation/m.test(stdout ?? '')) return false;
  return `${error?.message ?? status}: ${stdout?.split('\n')[0]} ${stderr?.split('\n')[0]}`;
}

test(
  'a server without root isolates its functions by a user namespace',
  { skip: skipWithoutNamespaces() },
  async (t) => {
    await using server = await spawnServer({
      args: ['--function-isolation', 'strict'],
      userId: USER_ID,
      env: { SECRET_OF_SERVER: 'SECRET_OF_SERVER' },
      cwd: '/',
    });
    const client = new LambdaClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
    t.after(() => client.destroy());
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'spy',
        Runtime: 'nodejs24.x',
        Role: role,
        Handler: 'index.handler',
        Timeout: 60,
        Code: { ZipFile: zip({ 'index.mjs': spy }) },
      }),
    );
    const secretFile = `${server.dataDir}/format.json`;
    const event = { pid: server.pid, folder: server.dataDir, secretFile };
    const { Payload } = await client.send(
      new InvokeCommand({ FunctionName: 'spy', Payload: JSON.stringify(event) }),
    );
    // As `spy` answers.
    const { said, environment, status, processes } = JSON.parse(Payload?.transformToString() ?? '') as Spied;
    const got = Object.entries(said)
      .filter(([name, what]) => !what.startsWith('refused') && !/ (of|to) 1$/.test(name))
      .map(([name]) => name);
    // Process 1 is its own; all that it can signal is itself.
    assert.deepEqual(got, ['all signals']);
    assert.equal(environment, false);
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^CapEff:\s+0+$/m);
    assert.ok(processes <= 3, String(processes));
  },
);
