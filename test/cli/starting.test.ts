import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { mainPath, temporaryFolder } from '../support/server.ts';

const connectionModule = new URL('../../src/http/http1/connection.ts', import.meta.url).href;

/** A disk that takes its time for the engine's folder, and says no when the first request has come. */
const slowDisk = `
  import fs from 'node:fs/promises';
  import { syncBuiltinESMExports } from 'node:module';
  import { Http1Connection } from '${connectionModule}';
  const { take } = Http1Connection.prototype;
  const { mkdir } = fs;
  fs.mkdir = (path, ...rest) => !path.endsWith('engine') ? mkdir(path, ...rest) : new Promise((_, reject) => {
    Http1Connection.prototype.take = function (bytes) {
      take.call(this, bytes);
      reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', syscall: 'mkdir' }));
    };
    console.log('the disk takes its time');
  });
  syncBuiltinESMExports();
`;

/** A server that has taken its port and waits for its disk. */
async function startingServer(t: TestContext) {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  // A server that listens on a port has an address of that form.
  const { port } = free.address() as AddressInfo;
  free.close();
  const preload = `data:text/javascript,${encodeURIComponent(slowDisk)}`;
  const args = ['--import', preload, mainPath, 'start', '--port', String(port)];
  const child = spawn(process.execPath, args, { cwd: await temporaryFolder() });
  t.after(() => child.kill('SIGKILL'));
  const printed = { output: '', errors: '' };
  child.stderr.on('data', (chunk: Buffer) => (printed.errors += chunk.toString()));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed.output += chunk.toString();
      if (printed.output.includes('takes its time')) resolve();
    });
  });
  return { child, printed, ended, endpoint: `http://127.0.0.1:${port}` };
}

// Ctrl-C while a large store was read did nothing until all of it was read.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} stops a server that is still starting`, async (t) => {
    const { child, printed, ended } = await startingServer(t);
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(printed.errors, '');
  });
}

// A client that was already waiting made a start that failed log its stack as well, before the line that tells why.
test('clients that wait for a server that fails to start are told to retry, and the user sees the reason once', async (t) => {
  const { printed, ended, endpoint } = await startingServer(t);
  const answer = await fetch(endpoint);
  assert.equal(answer.status, 503);
  assert.deepEqual(await ended, [1, null]);
  assert.match(printed.errors, /^nagare: cannot use the data folder \S+: permission denied\n$/);
});
