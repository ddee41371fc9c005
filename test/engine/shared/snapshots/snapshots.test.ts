import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import type { SharedEngine } from '../../../../src/engine/shared/open.ts';
import { LogTrimmedError } from '../../../../src/engine/shared/check-first.ts';
import { NoSnapshotError, OtherSnapshotsError } from '../../../../src/engine/shared/snapshots/errors.ts';
import { encodeManifest } from '../../../../src/engine/shared/snapshots/manifest.ts';
import { put } from '../../contract.ts';
import { until } from '../../../support/until.ts';
import { openMember, untilOwner } from '../shared-engine.ts';
import { contentOf, emptyDisk, fill, PATIENT, take, TestCluster, untilAt } from './cluster.ts';

let cluster: TestCluster;

/** Of the newest snapshot: the key of a part that no other has. */
function ownPart(): string {
  const [older, newer] = cluster.snapshots().toSorted((a, b) => a.place.position - b.place.position);
  const parts = (newer ?? older)?.files.flatMap((file) => file.parts) ?? [];
  const olderKeys = new Set(newer && older?.files.flatMap((file) => file.parts.map(({ key }) => key)));
  const part = parts.find(({ key }) => !olderKeys.has(key));
  assert(part);
  return part.key;
}

function damage(key: string): void {
  const bytes = Buffer.from(cluster.objects.objects.get(key) ?? '');
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  cluster.objects.objects.set(key, bytes);
}

async function sameAs(machine: SharedEngine, owner: SharedEngine): Promise<void> {
  await untilAt(machine, owner);
  assert.deepEqual(await contentOf(machine), await contentOf(owner));
}

describe('snapshots of a shared log', () => {
  beforeEach(() => {
    cluster = new TestCluster();
  });
  afterEach(async () => {
    await cluster.close();
  });

  it('let a new machine join after the log was trimmed', async () => {
    const owner = await cluster.openOwner();
    await fill(owner);
    await take(owner);
    await fill(owner);
    await owner.engine.trim(1, 5);
    const taken = await take(owner);
    assert(cluster.store.first > 0);
    assert(cluster.store.first <= taken.place.position);
    await fill(owner, 5);
    const joined = await cluster.open();
    await sameAs(joined, owner);
    // It has what it needs to be the owner, and it takes snapshots as well.
    await joined.member.promote();
    await untilOwner(joined);
    await fill(joined);
    await take(joined);
    await sameAs(await cluster.open(), joined);
  });

  it('are taken by a standby, before the owner does; the owner trims the log', async () => {
    const owner = await cluster.openOwner({ settings: { everyMs: 400, keptMin: 1 } });
    await until(() => cluster.snapshots().some(({ isComplete }) => isComplete));
    const standby = await cluster.open({ settings: { everyMs: 100, keptMin: 1 } });
    await fill(owner);
    await until(() => {
      const position = standby.snapshots?.status().newest?.place.position ?? -1;
      return position > 40 && cluster.snapshots().some((snapshot) => snapshot.place.position === position);
    });
    await owner.snapshots?.take();
    assert(cluster.store.first > 40);
  });

  it('seed a machine that was away while the log was trimmed', async () => {
    const owner = await cluster.openOwner();
    const disk = emptyDisk();
    const away = await cluster.open({ disk });
    await fill(owner);
    await untilAt(away, owner);
    const { position } = away.member.status();
    await away.close();
    for (let n = 0; n < 3; n++) {
      await fill(owner);
      await take(owner);
    }
    assert(cluster.store.first > position);
    await sameAs(await cluster.open({ disk }), owner);
  });

  it('let a follower that falls behind the beginning of the log begin again while it runs, and take over later', async () => {
    const owner = await cluster.openOwner();
    let passage: Promise<void> = Promise.resolve();
    const behind = await cluster.open({ pass: () => passage });
    await untilAt(behind, owner);
    const { engine, snapshots } = behind;
    const { promise, resolve } = Promise.withResolvers<void>();
    passage = promise;
    for (let n = 0; n < 3; n++) {
      await fill(owner);
      await take(owner);
    }
    resolve();
    await sameAs(behind, owner);
    assert.notEqual(behind.engine, engine);
    assert.notEqual(behind.snapshots, snapshots);
    await fill(owner);
    await sameAs(behind, owner);
    await behind.member.promote();
    await untilOwner(behind);
    await fill(behind);
    await take(behind);
    await sameAs(await cluster.open(), behind);
  });

  it('are tried again when a follower cannot begin with one; without a place for them it ends', async () => {
    const owner = await cluster.openOwner();
    let passage: Promise<void> = Promise.resolve();
    const pass = (): Promise<void> => passage;
    const disk = emptyDisk();
    const list = disk.list.bind(disk);
    let failuresLeft = 0;
    disk.list = async (path) => {
      if (failuresLeft > 0) {
        failuresLeft--;
        throw new Error('the disk failed');
      }
      return await list(path);
    };
    const behind = await cluster.open({ pass, disk });
    const alone = await openMember({
      log: cluster.store.open(pass),
      disk: emptyDisk(),
      shared: PATIENT,
    });
    try {
      await untilAt(behind, owner);
      await untilAt(alone, owner);
      const { promise, resolve } = Promise.withResolvers<void>();
      passage = promise;
      for (let n = 0; n < 3; n++) {
        await fill(owner);
        await take(owner);
      }
      failuresLeft = 2;
      resolve();
      const lost = await alone.member.lost;
      assert(lost instanceof LogTrimmedError);
      assert.match(lost.message, /Start this machine with the same --snapshots as the others/);
      await sameAs(behind, owner);
      assert.equal(failuresLeft, 0);
    } finally {
      await alone.close();
    }
  });

  it('write only what the last one does not have', async () => {
    const owner = await cluster.openOwner();
    await fill(owner, 100);
    await take(owner);
    const parts = (): number => cluster.objects.written.filter((key) => key.includes('/parts/')).length;
    const first = parts();
    await put(owner.engine, 1, 'one more');
    const taken = await take(owner);
    assert(parts() - first <= first / 4, `${parts() - first} of ${first} parts were written again`);
    assert.equal(taken.isComplete, true);
    await sameAs(await cluster.open(), owner);
  });

  it('are removed when they are no longer kept, and so are their parts', async () => {
    const owner = await cluster.openOwner({ settings: { keptMin: 1 } });
    for (let n = 0; n < 4; n++) {
      await fill(owner, 60);
      await owner.engine.trim(1, owner.engine.bounds(1).nextIndex);
      await take(owner);
    }
    const [only, ...others] = cluster.snapshots();
    assert.deepEqual(others, []);
    const needed = new Set(only?.files.flatMap((file) => file.parts.map(({ key }) => key)));
    assert.deepEqual(cluster.objects.keys('snapshots/parts/'), [...needed].toSorted());
    assert.equal(cluster.store.first, only?.place.position);
  });

  it('with a damaged part are refused by its name, and an older one is used', async () => {
    const owner = await cluster.openOwner();
    await fill(owner);
    await take(owner);
    await fill(owner);
    await take(owner);
    await fill(owner, 5);
    damage(ownPart());
    const joined = await cluster.open();
    await sameAs(joined, owner);
  });

  it('that are all damaged leave a new machine without a beginning: it says what is damaged', async () => {
    const owner = await cluster.openOwner({ settings: { keptMin: 1 } });
    await fill(owner);
    await take(owner);
    await fill(owner);
    await take(owner);
    const key = ownPart();
    damage(key);
    await assert.rejects(cluster.open(), (error) => {
      assert(error instanceof NoSnapshotError);
      assert.match(error.message, new RegExp(`${key} of a snapshot is damaged: checksum mismatch`));
      return true;
    });
  });

  it('do not count when the store has lost a part: the log is not trimmed for them, and the next one writes it', async () => {
    const owner = await cluster.openOwner({ settings: { keptMin: 1 } });
    await fill(owner);
    const first = await take(owner);
    await until(() => cluster.store.first === first.place.position);
    const [lost] = cluster.snapshots()[0]?.files[0]?.parts ?? [];
    assert(lost);
    cluster.objects.objects.delete(lost.key);
    await fill(owner);
    const second = await take(owner);
    const keys = second.files.flatMap((file) => file.parts.map(({ key }) => key));
    assert(!keys.includes(lost.key));
    await sameAs(await cluster.open(), owner);
    // Lost right after the snapshot was complete.
    cluster.objects.objects.delete(keys[0] ?? '');
    const begin = cluster.store.first;
    const third = await cluster.open({ settings: { keptMin: 1 } }).then(
      () => 'joined',
      (error: unknown) => error,
    );
    assert(third instanceof NoSnapshotError);
    assert.equal(cluster.store.first, begin);
  });

  it('of a newer format are refused by name, and never removed', async () => {
    const owner = await cluster.openOwner({ settings: { keptMin: 1 } });
    await fill(owner);
    await take(owner);
    const [snapshot] = cluster.snapshots();
    assert(snapshot);
    const key = `snapshots/list/${snapshot.id}`;
    const body = encodeManifest(snapshot).toString().replace('nagare-snapshot 1 ', 'nagare-snapshot 2 ');
    cluster.objects.objects.set(key, Buffer.from(body));
    const parts = cluster.objects.keys('snapshots/parts/');
    await assert.rejects(
      cluster.open(),
      /has format 2, and this nagare reads formats up to 1.*upgrade this machine/,
    );
    await fill(owner);
    await take(owner);
    assert(cluster.objects.objects.has(key));
    for (const part of parts) assert(cluster.objects.objects.has(part));
  });

  it('of a store of a newer format are refused by name', async () => {
    const owner = await cluster.openOwner({ settings: { keptMin: 1 } });
    await fill(owner);
    await take(owner);
    const [snapshot] = cluster.snapshots();
    assert(snapshot);
    const newer = encodeManifest({ ...snapshot, engineFormat: 99 });
    cluster.objects.objects.set(`snapshots/list/${snapshot.id}`, newer);
    await assert.rejects(cluster.open(), /has format version 99/);
  });

  it('of another log are refused by name, and stay', async () => {
    const owner = await cluster.openOwner();
    await fill(owner);
    await take(owner);
    const objects = cluster.objects.open();
    const other = new TestCluster();
    await assert.rejects(other.open({ objects }), OtherSnapshotsError);
    const second = await other.openOwner();
    await fill(second, 60);
    await second.close();
    await assert.rejects(other.open({ objects }), /is of another shared log/);
    // A machine that has followed the log already does not touch them either.
    const disk = emptyDisk();
    const third = await other.open({ disk });
    await until(() => third.member.status().position > 10);
    await third.close();
    const before = [...cluster.objects.objects.keys()];
    const fourth = await other.open({ disk, objects });
    await until(() => fourth.snapshots?.status().problems[0]?.includes('of another shared log') === true);
    assert.deepEqual([...cluster.objects.objects.keys()], before);
    await other.close();
  });

  it('that the log does not reach any more are no base to remove others: the operator is told', async () => {
    const disk = emptyDisk();
    const owner = await cluster.openOwner();
    await fill(owner);
    await take(owner);
    const away = await cluster.open({ disk });
    await fill(owner);
    await untilAt(away, owner);
    await away.close();
    const before = cluster.objects.keys('');
    cluster.store.trim(away.member.status().position);
    const again = await cluster.open({ disk });
    await assert.rejects(take(again), /the log begins after the newest snapshot/);
    assert.deepEqual(cluster.objects.keys(''), before);
  });

  it('of a damaged data folder are not taken', async () => {
    const disk = emptyDisk();
    const owner = await cluster.openOwner();
    const standby = await cluster.open({ disk });
    await fill(owner, 100);
    await untilAt(standby, owner);
    const [path] = [...disk.files().keys()].filter((name) => name.endsWith('.segment')).toSorted();
    assert(path);
    const file = await disk.open(path, 'write');
    await file.write([Buffer.from('damage')], 200);
    await assert.rejects(take(standby), new RegExp(`${path} is damaged`));
    assert.equal(cluster.snapshots().filter(({ isComplete }) => isComplete).length <= 1, true);
  });

  it('keep the files that they read, though the store needs them no more, until they are complete', async () => {
    const disk = emptyDisk();
    let passage: Promise<void> = Promise.resolve();
    let puts = 0;
    const open = cluster.objects.open();
    const objects = {
      ...open,
      put: async (key: string, body: Uint8Array): Promise<void> => {
        puts++;
        await passage;
        await open.put(key, body);
      },
    };
    const owner = await cluster.openOwner({ disk, objects, settings: { keptMin: 1 } });
    await take(owner);
    await fill(owner, 100);
    const segments = (): string[] => [...disk.files().keys()].filter((path) => path.endsWith('.segment'));
    const { promise, resolve } = Promise.withResolvers<void>();
    passage = promise;
    const putsBefore = puts;
    const taking = take(owner);
    await until(() => puts > putsBefore);
    for (const log of [1, 2]) await owner.engine.trim(log, owner.engine.bounds(log).nextIndex);
    await fill(owner, 100);
    for (const log of [1, 2]) await owner.engine.trim(log, owner.engine.bounds(log).nextIndex);
    const held = segments();
    resolve();
    const { place, files } = await taking;
    const read = files.map(({ path }) => path).filter((path) => path.endsWith('.segment'));
    assert.deepEqual(
      read.filter((path) => !held.includes(path)),
      [],
    );
    await until(() => read.filter((path) => segments().includes(path)).length <= 1);
    const joined = await cluster.open();
    assert(joined.member.status().position >= place.position);
    await sameAs(joined, owner);
  });
});
