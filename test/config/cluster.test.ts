import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig, type Config, type ConfigSources } from '../../src/config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const enough = {
  sharedLog: 's3://logs/cluster',
  s3Endpoint: 'http://minio:9000',
  masterKeyFile: 'master.key',
};

async function read(flags: ConfigSources['flags']): Promise<Config> {
  return readConfig({ flags, environment: {}, workingFolder: await temporaryFolder() });
}

async function problems(flags: ConfigSources['flags']): Promise<string[]> {
  try {
    await read(flags);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n');
  }
  return [];
}

test('a shared log needs what all machines must have in common', async () => {
  const found = await problems({ sharedLog: 'kafka://k1:9092/nagare' });
  assert.equal(found.length, 2);
  assert.match(found[0] ?? '', /^--shared-log needs --master-key-file/);
  assert.match(found[1] ?? '', /^--shared-log needs --s3-endpoint/);
  assert.deepEqual(await problems(enough), []);
});

test('a log that cannot be meant is refused with its reason', async () => {
  assert.deepEqual(await problems({ ...enough, sharedLog: 'https://logs/cluster' }), [
    '--shared-log must begin with kafka:// or s3://',
  ]);
});

test('audit records that a standby could not write cannot be required', async () => {
  const audited = { ...enough, auditStream: 'audit', auditRequired: 'on' };
  assert.match((await problems(audited)).join(), /a standby has no streams: use --audit-log$/);
  assert.deepEqual(await problems({ ...enough, auditLog: 'audit.log', auditRequired: 'on' }), []);
});

test('settings of a cluster are refused without a shared log', async () => {
  const given = { clusterUrl: 'http://a:1', clusterCa: 'ca.pem', takeOverAfter: '5', standbyReads: '5' };
  assert.deepEqual(await problems(given), [
    '--cluster-url needs --shared-log',
    '--cluster-ca needs --shared-log',
    '--take-over-after needs --shared-log',
    '--standby-reads needs --shared-log',
  ]);
});

test('the time until a takeover is 5 seconds, or what is set', async () => {
  assert.equal((await read(enough)).cluster?.takeOverAfterMs, 5000);
  assert.equal((await read({ ...enough, takeOverAfter: '1' })).cluster?.takeOverAfterMs, 1000);
  for (const takeOverAfter of ['0', '1.5', '301']) {
    assert.match((await problems({ ...enough, takeOverAfter })).join(), /from 1 to 300/);
  }
});

test('standbys answer reads of an age that is set, unless their audit records would have no place', async () => {
  assert.equal((await read(enough)).cluster?.readAgeMaxMs, undefined);
  assert.equal((await read({ ...enough, standbyReads: '2' })).cluster?.readAgeMaxMs, 2000);
  for (const standbyReads of ['0', '1.5', '301']) {
    assert.match((await problems({ ...enough, standbyReads })).join(), /from 1 to 300/);
  }
  assert.deepEqual(await problems({ ...enough, standbyReads: '2', auditStream: 'audit' }), [
    '--standby-reads cannot go with --audit-stream, because a standby cannot write to a stream: use --audit-log',
  ]);
  assert.deepEqual(await problems({ ...enough, standbyReads: '2', auditLog: 'audit.log' }), []);
});

test('other machines must be able to reach the URL of this one', async () => {
  const open = { ...enough, host: '0.0.0.0' };
  assert.match((await problems(open)).join(), /^--shared-log needs --cluster-url with --host 0\.0\.0\.0/);
  for (const clusterUrl of ['http://0.0.0.0:4566', 'http://[::]:4566']) {
    assert.match((await problems({ ...open, clusterUrl })).join(), /cannot reach$/);
  }
  for (const clusterUrl of ['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566']) {
    assert.match((await problems({ ...open, clusterUrl })).join(), /reach themselves/);
  }
  assert.deepEqual(await problems({ ...open, clusterUrl: 'http://nagare-1:4566' }), []);
});

test('the URL of a server with TLS has it too, with a certificate that other machines trust', async () => {
  const open = { ...enough, host: '10.0.0.1', tls: 'on' };
  const clusterUrl = 'https://nagare-1:4566';
  const files = { tlsCert: 'server.crt', tlsKey: 'server.key' };
  assert.match(
    (await problems({ ...open, clusterUrl: 'http://nagare-1:4566', ...files })).join(),
    /requires TLS/,
  );
  assert.match((await problems({ ...open, clusterUrl })).join(), /needs --tls-cert/);
  assert.deepEqual(await problems({ ...open, clusterUrl, ...files }), []);
  assert.deepEqual(await problems({ ...open, clusterUrl, clusterCa: 'ca.pem' }), []);
});

test('files of the log are relative to the place where it is set', async () => {
  const workingFolder = await temporaryFolder();
  const { cluster } = await readConfig({
    flags: { ...enough, clusterCa: 'ca.pem' },
    environment: {},
    workingFolder,
  });
  assert.equal(cluster?.files.workingFolder, workingFolder);
  assert.equal(cluster.caFile, join(workingFolder, 'ca.pem'));
});

test('snapshots have a bucket and a prefix, and are taken each hour unless it is set otherwise', async () => {
  const { cluster } = await read({ ...enough, snapshots: 's3://safe/a/b/' });
  assert.deepEqual(cluster?.snapshots, {
    bucket: 'safe',
    prefix: 'a/b/',
    everyMs: 3_600_000,
    everyBytes: 10 * 1024 ** 3,
    keptMin: 3,
    retentionMs: 24 * 3_600_000,
    bytesPerSecond: 64 * 1024 ** 2,
  });
  const whole = await read({ ...enough, snapshots: 's3://safe', snapshotMinutes: '5' });
  assert.deepEqual([whole.cluster?.snapshots?.prefix, whole.cluster?.snapshots?.everyMs], ['', 300_000]);
  assert.equal((await read(enough)).cluster?.snapshots, undefined);
});

test('settings of snapshots are refused without a place for them', async () => {
  assert.deepEqual(await problems({ ...enough, snapshotMinutes: '5', logRetentionHours: '1' }), [
    '--snapshot-minutes needs --snapshots',
    '--log-retention-hours needs --snapshots',
  ]);
  assert.deepEqual(await problems({ snapshots: 's3://safe' }), ['--snapshots needs --shared-log']);
  const [problem] = await problems({ ...enough, snapshots: 'http://minio/safe' });
  assert.match(problem ?? '', /^--snapshots is .*; it must be s3:\/\/bucket\/prefix$/);
});
