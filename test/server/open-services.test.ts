import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { noDeclarations } from '../../src/config/declarations.ts';
import { inOrderOfNeeds } from '../../src/server/open-services.ts';
import { startServer } from '../../src/server/start.ts';
import { registrations } from '../../src/services/index.ts';
import { register } from '../../src/services/registration.ts';
import { silentLog } from '../../src/support/log.ts';
import { temporaryFolder } from '../support/server.ts';

const place = (name: string, needs: 'streams'[], offers: 'streams'[]) =>
  register({ name, needs, offers, open: () => ({ offers: {} as never }) });

test('a service opens after those whose contracts it needs, otherwise in the order of the list', () => {
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

test('a contract that nobody offers is a mistake in the registrations', () => {
  assert.throws(() => inOrderOfNeeds([place('a', ['streams'], [])]), /a needs streams/);
});

test('a new service is one registration: it answers, starts and stops with the others', async () => {
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
  const config = {
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'data'),
    region: 'us-east-1',
    accountId: '000000000000',
    corsOrigins: [],
    egressAllowed: [],
    allowedHosts: [],
    baseDir: folder,
    logFormat: 'text',
    logLevel: 'silent',
    workers: 0,
    lifecycleMs: 0,
    streamIds: 'hidden',
    functionIsolation: 'auto',
    limits: { mode: 'none' },
    declarations: noDeclarations,
  } as const;
  const server = await startServer(config, silentLog, [nothing, ...registrations]);
  assert.equal((await fetch(`${server.endpoint}/_nagare/nothing`)).status, 204);
  await server.close();
  assert.deepEqual(steps, ['open with function', 'start', 'quiesce', 'close']);
});
