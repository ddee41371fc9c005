/**
 * The ownership of a shared log changes in order and out of order, while programs work through a load balancer with the
 * AWS SDK as it comes. They see a pause and no error, and nothing is lost, doubled or out of order, also for a reader that
 * follows by subscriptions at standbys. OWNER_KILLS is the number of kills.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../support/command.ts';
import { clientOptions, temporaryFolder, type ServerProcess } from '../support/server.ts';
import { until } from '../support/until.ts';
import { checkAllServices } from './all-services.ts';
import { Balancer } from './balancer.ts';
import { iteratorAt, Load, readLoad, sendRead } from './load.ts';
import { StandbyFollower } from './standby-follower.ts';
import { clusterHealth, type Machines, type MachinesOptions, startMachines } from './machines.ts';

const kills = Number(process.env['OWNER_KILLS'] ?? 1);

interface Scene {
  readonly machines: Machines;
  readonly endpoints: readonly string[];
  readonly load: Load;
}

async function start(t: TestContext, options: MachinesOptions): Promise<Scene> {
  const machines = await startMachines(options);
  t.after(() => machines[Symbol.asyncDispose]());
  const endpoints = machines.all.map(({ endpoint }) => endpoint);
  await machines.standbys();
  const balancer = await Balancer.start(endpoints);
  t.after(() => balancer.close());
  const load = await Load.start(balancer.endpoint);
  await load.goesOn();
  return { machines, endpoints, load };
}

/** A function that works for a minute, and a record for it. */
async function busyFunction(): Promise<string> {
  const folder = await temporaryFolder();
  const code = 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 60_000));';
  await writeFile(join(folder, 'busy.mjs'), code);
  const config = join(folder, 'nagare.yaml');
  const busy = { path: join(folder, 'busy.mjs'), timeout: 120, eventSources: [{ stream: 'for-busy' }] };
  await writeFile(config, JSON.stringify({ streams: { 'for-busy': {} }, functions: { busy } }));
  return config;
}

test('standbys serve all; an owner hands over when it is stopped, demoted or when another one is promoted', async (t) => {
  // Far more than the test takes: nobody takes over by waiting.
  const args = ['--config', await busyFunction(), '--function-isolation', 'off'];
  const { machines, endpoints, load } = await start(t, { takeOverAfter: 60, args });
  const owner = await machines.owner();
  const [standby] = await machines.standbys();
  assert.ok(standby);
  await checkAllServices(standby, owner);
  const client = new KinesisClient(clientOptions(owner.endpoint));
  await client.send(
    new PutRecordCommand({ StreamName: 'for-busy', PartitionKey: 'a', Data: Buffer.from('a') }),
  );
  client.destroy();
  await load.goesOn();

  for (const machine of machines.all) {
    load.forget();
    assert.equal(await machine.stop('SIGTERM'), 0);
    await load.goesOn();
    t.diagnostic(`stopped: the longest put took ${Math.round(load.longestMs)} ms`);
    await machine.start();
    await untilCaughtUp(machine);
  }

  const NAGARE_ENDPOINT = endpoints.join(',');
  const former = await machines.owner();
  load.forget();
  const demoted = await runCommand(['cluster', 'demote'], { NAGARE_ENDPOINT });
  assert.equal(demoted.code, 0, demoted.errors);
  await load.goesOn();
  t.diagnostic(`demoted: the longest put took ${Math.round(load.longestMs)} ms`);
  assert.notEqual(await machines.owner(), former);

  load.forget();
  await untilCaughtUp(former);
  const promoted = await runCommand(['cluster', 'promote', '--endpoint-url', former.endpoint]);
  assert.equal(promoted.code, 0, promoted.errors);
  await load.goesOn();
  t.diagnostic(`promoted: the longest put took ${Math.round(load.longestMs)} ms`);
  assert.equal(await machines.owner(), former);

  const { length: records } = await load.end(endpoints);
  t.diagnostic(`${records} records`);
});

test(`an owner that is suspended past its term wakes as a standby, and answers nothing that is old; one that is killed (${kills} times) follows when it is back`, async (t) => {
  // The load only writes, and what is read in the end is asked of the owner.
  const { machines, endpoints, load } = await start(t, {
    takeOverAfter: 2,
    args: ['--standby-reads', '5'],
  });
  const follower = await StandbyFollower.start(await machines.owner(), machines.all);
  const owner = await machines.owner();
  const { pid } = owner;
  process.kill(pid, 'SIGSTOP');
  const others = machines.all.filter((machine) => machine !== owner);
  const next = await until(
    async () => {
      for (const machine of others) if ((await clusterHealth(machine))?.serving === true) return machine;
      return undefined;
    },
    { what: 'another owner' },
  );
  await load.goesOn();
  const known = await readLoad(next.endpoint);
  // The requests wait in sockets of the suspended process: it answers as soon as it wakes.
  const iterator = await iteratorAt(next.endpoint);
  const reads = await Promise.all(Array.from({ length: 20 }, () => sendRead(owner.endpoint, iterator)));
  process.kill(pid, 'SIGCONT');
  for (const { answer } of reads) assert.deepEqual((await answer).slice(0, known.length), known);
  // On a slow machine the ownership may have gone on.
  await until(async () => {
    const health = await clusterHealth(owner);
    return health?.role === 'standby' && health.owner !== null && health.owner !== owner.endpoint;
  });
  assert.equal(owner.pid, pid);
  await load.goesOn();
  for (let kill = 0; kill < kills; kill++) {
    const present = await machines.owner();
    load.forget();
    await present.kill();
    await load.goesOn();
    t.diagnostic(`killed: the longest put took ${Math.round(load.longestMs)} ms`);
    await present.start();
    await untilCaughtUp(present);
  }
  t.diagnostic(await follower.end(await load.end(endpoints)));
});

async function untilCaughtUp(machine: ServerProcess): Promise<void> {
  await until(
    async () => {
      const health = await clusterHealth(machine);
      return (
        health?.role === 'owner' || (health?.owner != null && health.lag !== 'unknown' && health.lag <= 2)
      );
    },
    { what: 'it has caught up', withinMs: 60_000 },
  );
}
