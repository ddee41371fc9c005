import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { clientOptions, spawnServer, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a killed server takes its functions with it, and later processes the events it had accepted', async (context) => {
  const folder = await temporaryFolder();
  const notes = join(folder, 'notes');
  await writeFile(notes, '');
  await writeFile(
    join(folder, 'stuck.mjs'),
    `import { appendFileSync, existsSync } from 'node:fs';
     import { spawn } from 'node:child_process';
     export const handler = async (event) => {
       if (existsSync(${JSON.stringify(join(folder, 'free'))})) {
         appendFileSync(${JSON.stringify(notes)}, 'done ' + event.n + '\\n');
         return;
       }
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
       appendFileSync(${JSON.stringify(notes)}, 'pid ' + process.pid + '\\npid ' + child.pid + '\\n');
       for (;;);
     };`,
  );
  const config = join(folder, 'nagare.yaml');
  await writeFile(config, 'functions:\n  stuck:\n    path: stuck.mjs\n    timeout: 600\n');
  // Its function writes where the test reads; isolation/kill.test.ts kills a server whose functions are isolated.
  const server = await spawnServer({ args: ['--config', config, '--function-isolation', 'off'] });
  context.after(() => server.close());
  const client = new LambdaClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
  context.after(() => client.destroy());

  const lines = async () => (await readFile(notes, 'utf8')).split('\n').filter((line) => line !== '');
  for (let n = 0; n < 5; n++) {
    const { StatusCode: status } = await client.send(
      new InvokeCommand({ FunctionName: 'stuck', InvocationType: 'Event', Payload: JSON.stringify({ n }) }),
    );
    assert.equal(status, 202);
  }
  await until(async () => (await lines()).length >= 4);
  await server.kill();
  const pids = (await lines()).map((line) => Number(line.split(' ')[1]));
  await until(() => !pids.some(runs));

  await writeFile(join(folder, 'free'), '');
  await server.start();
  const done = async () => (await lines()).filter((line) => line.startsWith('done')).sort();
  await until(async () => (await done()).length >= 5);
  assert.deepEqual(await done(), ['done 0', 'done 1', 'done 2', 'done 3', 'done 4']);
});
