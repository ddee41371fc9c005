import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FolderLostError } from '../../src/data-folder/errors.ts';
import { healthOf, type HealthDependencies } from '../../src/server/health.ts';
import { version } from '../../src/support/version.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const healthy = { status: 'ok', version: version(), problems: [], warnings: [] };

async function sources(changed: Partial<HealthDependencies>): Promise<HealthDependencies> {
  return {
    engine: { findFailure: () => Promise.resolve(undefined) },
    clock: { held: undefined },
    data: { path: await temporaryFolder(), fence: { check: () => undefined } },
    services: [],
    ...changed,
  };
}

test('a health check needs no signature, and returns the version', async () => {
  await using server = await startTestServer();
  const answer = await fetch(`${server.endpoint}/health`);
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), healthy);
});

for (const { kind, code } of [
  { kind: 'no space', code: 'DISK_FULL' },
  { kind: 'write failed', code: 'DISK_FAILING' },
] as const) {
  test(`a disk with ${kind} makes the server degraded`, async () => {
    const trouble = { kind, message: 'why' };
    const engine = { findFailure: () => Promise.resolve(trouble) };
    const problems = [{ code, message: 'why' }];
    assert.deepEqual(await healthOf(await sources({ engine })), { ...healthy, status: 'degraded', problems });
  });
}

test('a server that was replaced is degraded until it has stopped', async () => {
  const fence = {
    check() {
      throw new FolderLostError('why');
    },
  };
  const data = { path: await temporaryFolder(), fence };
  const { status, problems } = await healthOf(await sources({ data }));
  assert.deepEqual([status, problems[0]?.code], ['degraded', 'DATA_FOLDER_LOST']);
});

test('parts that do not work, and a clock jump, are warnings that do not degrade the server', async () => {
  const services = [{ warnings: () => ['list logs that cannot write to their objects: 2'] }, {}];
  const clock = { held: { byMs: 600_000, acceptedInMs: 420_000 } };
  assert.deepEqual(await healthOf(await sources({ services, clock })), {
    ...healthy,
    warnings: [
      'list logs that cannot write to their objects: 2',
      'the clock of the machine has jumped by 600 s; the jump will be accepted in 420 s',
    ],
  });
});
