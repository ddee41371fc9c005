import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrderOfNeeds } from '../../src/server/open-services.ts';
import { startServer } from '../../src/server/start.ts';
import { registrations } from '../../src/services/index.ts';
import { register } from '../../src/services/registration.ts';
import { silentLog } from '../../src/support/log.ts';
import { temporaryFolder, testConfig } from '../support/server.ts';

const place = (name: string, needs: 'streams'[], offers: 'streams'[]) =>
  register({ name, needs, offers, open: () => ({ offers: {} as never }) });

test('a service opens after those whose contracts it needs, otherwise in list order', () => {
  const [first, second, third] = [
    place('a', ['streams'], []),
    place('b', [], []),
    place('c', [], ['streams']),
  ];
  assert.deepEqual(
    inOrderOfNeeds([first, second, third]).map(({ name }) => name),
    ['b', 'c', 'a'],
  );
});

test('a contract that no service offers is a mistake in the registrations', () => {
  assert.throws(() => inOrderOfNeeds([place('a', ['streams'], [])]), /a needs streams/);
});

test('a new service needs one registration: it answers, starts and stops with the others', async () => {
  const folder = await temporaryFolder();
  const steps: string[] = [];
  const nothing = register({
    name: 'nothing',
    needs: ['streams'],
    offers: [],
    open: (_, { streams }) => {
      steps.push(`open with ${typeof streams.describe}`);
      return {
        route: async ({ path }) => (path === '/_nagare/nothing' ? { status: 204, headers: {} } : undefined),
        start: () => void steps.push('start'),
        quiesce: async () => void steps.push('quiesce'),
        close: async () => void steps.push('close'),
      };
    },
  });
  const server = await startServer(testConfig(folder), silentLog, [nothing, ...registrations]);
  assert.equal((await fetch(`${server.endpoint}/_nagare/nothing`)).status, 204);
  await server.close();
  assert.deepEqual(steps, ['open with function', 'start', 'quiesce', 'close']);
});
