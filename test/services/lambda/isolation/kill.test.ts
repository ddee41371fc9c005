import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions, spawnServer, temporaryFolder } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { role, zip } from '../lambda-server.ts';
import { skipWithout } from './level.ts';
import { commandLine, descendants } from './processes.ts';

/** Two that never end, one of them in a session of its own; the mark is in the command line of each. */
const stuck = `
import { spawn } from 'node:child_process';
export const handler = async ({ mark }) => {
  for (const detached of [false, true])
    spawn('/bin/sh', ['-c', 'trap "" TERM HUP INT; while :; do sleep 1; done', mark], { stdio: 'ignore', detached }).unref();
  process.on('SIGTERM', () => {});
  for (;;);
};`;

for (const level of ['strict', 'user'] as const) {
  const skip = await skipWithout(level);
  test(`a killed server leaves no process of its functions with isolation ${level}`, { skip }, async (t) => {
    // As another user, a function has to get to its code.
    const folder = await temporaryFolder();
    await chmod(folder, 0o711);
    const args = ['--function-isolation', level, '--data-dir', join(folder, 'data')];
    await using server = await spawnServer({ args });
    const client = new LambdaClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
    t.after(() => client.destroy());
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'stuck',
        Runtime: 'nodejs24.x',
        Role: role,
        Handler: 'index.handler',
        Timeout: 600,
        Code: { ZipFile: zip({ 'index.mjs': stuck }) },
      }),
    );
    const mark = `mark-${server.pid}-${level}`;
    await client.send(
      new InvokeCommand({
        FunctionName: 'stuck',
        InvocationType: 'Event',
        Payload: JSON.stringify({ mark }),
      }),
    );
    const marked = (pids: readonly number[]) => pids.filter((pid) => commandLine(pid)?.includes(mark));
    const pids = await until(() => {
      const all = descendants(server.pid);
      return marked(all).length >= 2 && all;
    });
    assert.ok(pids.length >= 3, String(pids.length));
    await server.kill();
    await until(() => pids.every((pid) => commandLine(pid) === undefined), { what: 'all processes to end' });
  });
}
