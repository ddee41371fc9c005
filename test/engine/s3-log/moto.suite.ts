import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openS3Objects } from '../../../src/engine/shared/snapshots/s3-objects.ts';
import { hasTools, programPath } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { logContract } from '../shared/log-contract.ts';
import { openMember, untilOwner } from '../shared/shared-engine.ts';
import { contentOf, emptyDisk, fill, PATIENT, SETTINGS, take, untilAt } from '../shared/snapshots/cluster.ts';
import { createBucket, newPrefix, openAt } from './stores.ts';

/** The store is moto's server, which others have written. */
const program = programPath('moto_server');
const SERVER = fileURLToPath(new URL('moto-server.py', import.meta.url));
let store: ChildProcess | undefined;
let endpoint = '';

before(async () => {
  if (program === undefined) return;
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  endpoint = `http://127.0.0.1:${port}`;
  const python = join(dirname(program), 'python3');
  store = spawn(python, [SERVER, String(port)], { stdio: 'ignore' });
  await until(
    () =>
      fetch(endpoint).then(
        () => true,
        () => false,
      ),
    { withinMs: 60_000 },
  );
  await createBucket(endpoint);
});

after(async () => {
  if (store === undefined) return;
  store.kill();
  await once(store, 'exit');
});

test('moto is installed', (t) => {
  assert.ok(hasTools(t, 'moto_server') || program === undefined);
});

if (program !== undefined) {
  test('snapshots are taken, the log is trimmed, and a new machine begins with the newest', async () => {
    const prefix = newPrefix();
    const at = { endpoint, region: 'us-east-1', bucket: 'snapshots', credentials: undefined };
    await using ends = new AsyncDisposableStack();
    const open = async () => {
      const objects = await openS3Objects(at);
      const member = await openMember({
        log: await openAt(endpoint, prefix),
        disk: emptyDisk(),
        shared: PATIENT,
        snapshots: { objects, prefix, settings: { ...SETTINGS, keptMin: 1 }, close: () => objects.close() },
      });
      ends.defer(() => member.close());
      return member;
    };
    const owner = await open();
    await untilOwner(owner);
    await fill(owner);
    const first = await take(owner);
    await fill(owner);
    const second = await take(owner);
    assert.ok(second.place.position > first.place.position);
    const log = await openAt(endpoint, prefix);
    ends.defer(() => log.close());
    assert.equal((await log.bounds()).first, second.place.position);
    const objects = await openS3Objects(at);
    ends.defer(() => Promise.resolve(objects.close()));
    const manifests = await objects.list(`${prefix}list/`);
    assert.equal(manifests.length, 1);
    await fill(owner, 5);
    const joined = await open();
    await untilAt(joined, owner);
    assert.deepEqual(await contentOf(joined), await contentOf(owner));
  });

  logContract('S3 of moto', () => {
    const prefix = newPrefix();
    return Promise.resolve({ open: () => openAt(endpoint, prefix) });
  });
}
