import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { differences, equalSettingsOf, SettingsCheck } from '../../src/server/equal-settings.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { runCommand } from '../support/command.ts';
import { silentLog } from '../../src/support/log.ts';
import { version } from '../../src/support/version.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { testConfig } from '../support/server.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  command,
  healthOf,
  type Machine,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

const rootKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a weak secret' };

async function untilFollows(machine: Machine, owner: Machine): Promise<void> {
  await until(async () => (await healthOf(machine)).cluster?.owner === owner.server.endpoint);
}

describe('machines that share a log', () => {
  afterEach(closeMachines);

  it('with other settings than the owner say which, in /health, the status and the metrics', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    const [same, other] = [
      await startMachine(store, key),
      await startMachine(store, key, { region: 'eu-west-1' }),
    ];
    for (const machine of [same, other]) await untilFollows(machine, first);
    assert.equal((await healthOf(same)).status, 'ok');
    const { status, problems, cluster } = await healthOf(other);
    assert.deepEqual([status, problems.length, problems[0]?.code], ['degraded', 1, 'SETTINGS_DIFFER']);
    assert.equal(
      problems[0]?.message,
      'if this machine took over, requests would fail or be answered wrongly: --region is eu-west-1 here, and us-east-1 at the owner',
    );
    assert.deepEqual(
      cluster?.differences.map(({ setting }) => setting),
      ['region'],
    );
    const metrics = await (await fetch(`${other.server.endpoint}/metrics`)).text();
    assert.match(metrics, /^nagare_cluster_differing_settings 1$/m);
    const { output } = await runCommand(['cluster', 'status', '--endpoint-url', other.server.endpoint]);
    assert.match(output, /\tregion\n$/);

    // Whoever owns the log is right: the others are told.
    await command(other, 'promote');
    await untilServing(other);
    await untilFollows(first, other);
    assert.equal((await healthOf(other)).status, 'ok');
    await until(async () => (await healthOf(first)).problems[0]?.code === 'SETTINGS_DIFFER');
  });

  it('with another master key or root key are noticed, and the log tells nobody a secret', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key, { rootKey });
    await untilServing(first);
    const another = await startMachine(store, key, { rootKey: { ...rootKey, secretAccessKey: 'another' } });
    const open = await startMachine(store, key, {});
    const master = await startMachine(store, await masterKeyFile(), { rootKey });
    const found: (readonly string[] | undefined)[] = [];
    for (const machine of [another, open, master]) {
      await untilFollows(machine, first);
      found.push((await healthOf(machine)).cluster?.differences.map(({ message }) => message));
    }
    assert.deepEqual(found, [
      ['the root key is not that of the owner'],
      ['the root key is not that of the owner', '--auth is off here, and required at the owner'],
      ['the master key is not that of the owner'],
    ]);
    let text = '';
    for (let at = store.first; at < store.next; at++) text += store.at(at)?.toString('latin1') ?? '';
    assert.match(text, /"rootKey":"[\w-]{22}"/);
    assert(!text.includes(rootKey.accessKeyId) && !text.includes(rootKey.secretAccessKey));
  });
});

describe('the settings that machines need alike', () => {
  afterEach(closeMachines);

  it('are compared as far as both know them; of other secrets nothing is told with another master key', async () => {
    const config = testConfig('/nowhere', { masterKeyFile: await masterKeyFile(), rootKey });
    const own = await equalSettingsOf(config, { auth: 'required' });
    assert.deepEqual(differences(own, {}), []);
    assert.deepEqual(differences(own, own), []);
    const elsewhere = { ...config, masterKeyFile: await masterKeyFile(), accountId: '111111111111' };
    const other = await equalSettingsOf(elsewhere, { auth: 'required' });
    assert.notEqual(other.rootKey, own.rootKey);
    assert.deepEqual(
      differences(own, other).map(({ setting }) => setting),
      ['masterKey', 'accountId'],
    );
    const limited = await equalSettingsOf({ ...config, limits: { mode: 'aws' } }, { auth: 'required' });
    assert.deepEqual(
      differences(own, limited).map(({ setting, severity }) => [setting, severity]),
      [['limits', 'warning']],
    );
  });

  it('answer reads only like an owner of the same version, which reads and writes rows as they do', () => {
    const check = new SettingsCheck({ region: 'eu-west-1' }, silentLog);
    const owner = { url: 'http://a', settings: { region: 'eu-west-1' } };
    check.look({ owner: { ...owner, version: version() } });
    assert.equal(check.isAlike, true);
    for (const other of ['0.0.1', '99.0.0']) {
      check.look({ owner: { ...owner, version: other } });
      assert.deepEqual([check.isAlike, check.isOdd], [false, false]);
    }
  });

  it('are reported once until they change; an older owner tells none', () => {
    const { log, lines } = recordedLog();
    const check = new SettingsCheck({ region: 'eu-west-1' }, log);
    const owner = { url: 'http://a', version: '1.0.0' };
    check.look({ owner });
    assert.deepEqual(lines, []);
    for (let n = 0; n < 3; n++) check.look({ owner: { ...owner, settings: { region: 'us-east-1' } } });
    assert.equal(check.isOdd, true);
    check.look({ owner: undefined });
    assert.equal(check.isOdd, true);
    check.look({ owner: { ...owner, settings: { region: 'eu-west-1' } } });
    assert.equal(check.isOdd, false);
    assert.deepEqual(lines, [
      'warn: settings differ from those of the owner of the shared log',
      'info: settings are those of the owner of the shared log again',
    ]);
  });
});
