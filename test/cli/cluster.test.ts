import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { closeMachines, healthOf, masterKeyFile, startMachine, untilServing } from '../server/machines.ts';
import { runCommand } from '../support/command.ts';
import { startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const NOWHERE = 'http://127.0.0.1:9';

async function startTwo() {
  const store = new MemoryStore();
  const key = await masterKeyFile();
  const first = await startMachine(store, key);
  await untilServing(first);
  const second = await startMachine(store, key);
  await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
  return { first: first.server.endpoint, second: second.server.endpoint };
}

describe('nagare cluster', () => {
  afterEach(closeMachines);

  it('takes a snapshot only with a place for it', async () => {
    const { first } = await startTwo();
    const { code, errors } = await runCommand(['cluster', 'snapshot', '--endpoint-url', first]);
    assert.equal(code, 1);
    assert.match(errors, /this machine was started without --snapshots/);
  });

  it('shows the machines, and those that do not answer', async () => {
    const { first, second } = await startTwo();
    const { code, output } = await runCommand(['cluster', 'status'], {
      NAGARE_ENDPOINT: `${second},${NOWHERE},${first}`,
    });
    assert.equal(code, 0);
    const [standby, missing, owner] = output.split('\n');
    const lag = standby?.split('\t')[3];
    assert.match(lag ?? '', /^\d+$/);
    assert.equal(standby, `${second}\tstandby\t1\t${lag}\tno\t0\t${first}\tobject-store\t-\t-`);
    assert.equal(missing, `${NOWHERE}\tno answer\t-\t-\t-\t-\t-\t-\t-\t-`);
    assert.equal(owner, `${first}\towner\t1\t0\tyes\t0\t${first}\tobject-store\t-\t-`);
    const json = await runCommand(['cluster', 'status', '--json', '--endpoint-url', second]);
    const [machine] = JSON.parse(json.output) as { role: string; owner: string }[];
    assert.deepEqual([machine?.role, machine?.owner], ['standby', first]);
  });

  it('moves the ownership to a machine, and away from one', async () => {
    const { first, second } = await startTwo();
    const promoted = await runCommand(['cluster', 'promote', '--endpoint-url', second]);
    assert.deepEqual([promoted.code, promoted.output], [0, `${second} owns the shared log\n`]);

    // The former owner learns of it with its next frame.
    await until(async () => {
      const { output } = await runCommand(['cluster', 'status', '--endpoint-url', first]);
      return output.includes('standby');
    });
    const refused = await runCommand(['cluster', 'demote', '--endpoint-url', first]);
    assert.equal(refused.code, 1);
    assert.match(refused.errors, new RegExp(`try: --endpoint-url ${second}`));

    const demoted = await runCommand(['cluster', 'demote', '--endpoint-url', `${first},${second}`]);
    assert.deepEqual([demoted.code, demoted.output], [0, `${second} is a standby\n`]);
    await until(async () => {
      const { output } = await runCommand(['cluster', 'status', '--endpoint-url', first]);
      return output.includes('owner\t3');
    });
  });

  it('needs one machine to promote, and a server that shares a log', async () => {
    const several = await runCommand(['cluster', 'promote', '--endpoint-url', `${NOWHERE},${NOWHERE}`]);
    assert.equal(several.code, 2);
    await using alone = await startTestServer();
    const { code, errors } = await runCommand(['cluster', 'status', '--endpoint-url', alone.endpoint]);
    assert.equal(code, 1);
    assert.match(errors, /shares no log/);
  });
});

it('other commands call the first of several machines that answers', async () => {
  await using server = await startTestServer();
  const { code, output } = await runCommand(['stream', 'ls', '--json'], {
    NAGARE_ENDPOINT: `${NOWHERE}, ${server.endpoint}`,
  });
  assert.deepEqual([code, output], [0, '[]\n']);
  const nobody = await runCommand(['stream', 'ls', '--endpoint-url', `${NOWHERE},${NOWHERE}`]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.errors, /no server answers at http:\/\/127\.0\.0\.1:9, /);
});
