import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { NotOwnerError, type Engine } from '../../../src/engine/engine.ts';
import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import type { SharedEngine } from '../../../src/engine/shared/open.ts';
import type { SharedLog } from '../../../src/engine/shared/shared-log.ts';
import { silentLog } from '../../../src/support/log.ts';
import { ManualClock, systemClock } from '../../../src/support/clock.ts';
import { ALL, pack, put, textsOf } from '../contract.ts';
import { FaultyDisk } from '../simulation/faulty-disk.ts';
import { Random } from '../simulation/random.ts';
import { until } from '../../support/until.ts';
import { MemoryStore } from './memory-log.ts';
import { openMember, untilOwner } from './shared-engine.ts';

const opened: SharedEngine[] = [];
const LONG = { takeOverAfterMs: 600_000 };

async function open(...options: Parameters<typeof openMember>): Promise<SharedEngine> {
  const member = await openMember(...options);
  opened.push(member);
  return member;
}

function emptyDisk(): FaultyDisk {
  return new FaultyDisk(new Random(1));
}

/** A way to the store that can be closed. */
function way(): { readonly pass: () => Promise<void>; close(): void; open(): void } {
  let passage = Promise.resolve();
  let reopen: (() => void) | undefined;
  return {
    pass: () => passage,
    close: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      [passage, reopen] = [promise, resolve];
    },
    open: () => reopen?.(),
  };
}

async function textsIn({ engine }: SharedEngine, log: number): Promise<string[]> {
  return textsOf(await engine.read(log, 0, ALL));
}

describe('a member of a shared log', () => {
  afterEach(async () => {
    for (const member of opened.splice(0)) await member.close();
  });

  it('tells at once that another one owns the log, or none', async () => {
    const store = new MemoryStore();
    const owner = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(owner);
    const told: (string | undefined)[] = [];
    const onOwner = (): void => void told.push(standby.member.status().owner?.url);
    const standby = await open({ log: store.open(), disk: emptyDisk(), shared: { ...LONG, onOwner } });
    await until(() => told.length === 1);
    await owner.member.retire();
    await until(() => told.length === 2);
    assert.deepEqual(told, ['http://a', undefined]);
  });

  it('follows the owner: what is acknowledged there can be read here', async () => {
    const store = new MemoryStore();
    const owner = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(owner);
    const standby = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    await put(owner.engine, 1, 'a', 'b');
    const table = owner.engine.catalog.table<{ n: number }>('t');
    await owner.engine.catalog.commit((to) => to.put(table, 'row', { n: 1 }));
    await until(() => standby.engine.catalog.table('t').size === 1);
    assert.deepEqual(await textsIn(standby, 1), ['a', 'b']);
    assert.equal(standby.member.status().owner?.url, 'http://a');
    await assert.rejects(put(standby.engine, 1, 'c'), NotOwnerError);
  });

  it('has every record when some are cached and those before it came back are not', async () => {
    const store = new MemoryStore();
    const road = way();
    const first = await open({ log: store.open(road.pass), disk: emptyDisk(), shared: LONG });
    await untilOwner(first);
    await put(first.engine, 1, 'first');
    const second = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    road.close();
    await second.member.promote();
    await untilOwner(second);
    const { runFramesMax } = sharedLimits;
    for (let n = 0; n < runFramesMax * 2; n++) await put(second.engine, 1, `${n}`);
    road.open();
    const caughtUp = (): Promise<true> =>
      until(() => first.member.status().position === second.member.status().position);
    await caughtUp();
    await put(second.engine, 1, 'last');
    await caughtUp();
    assert.deepEqual(await textsIn(first, 1), await textsIn(second, 1));
  });

  it('takes over when the owner is silent; the owner becomes a standby when it comes back', async () => {
    const store = new MemoryStore();
    const road = way();
    const roles: string[] = [];
    const first = await open({
      log: store.open(road.pass),
      disk: emptyDisk(),
      shared: { onRole: (role) => Promise.resolve(void roles.push(role)) },
    });
    await untilOwner(first);
    await put(first.engine, 1, 'a');
    const second = await open({ log: store.open(), disk: emptyDisk() });
    road.close();
    const late = put(first.engine, 1, 'late');
    await untilOwner(second);
    assert.equal(await put(second.engine, 1, 'b'), 1);
    road.open();
    await assert.rejects(late, NotOwnerError);
    await until(() => first.engine.bounds(1).nextIndex === 2);
    assert.deepEqual(await textsIn(first, 1), ['a', 'b']);
    assert.deepEqual(roles, ['owner', 'standby']);
  });

  it('lets others go first when it is told to, and takes over when they do not', async () => {
    const store = new MemoryStore();
    const [first, second] = [way(), way()];
    const owner = await open({ log: store.open(first.pass), disk: emptyDisk() });
    await untilOwner(owner);
    const other = await open({ log: store.open(second.pass), disk: emptyDisk() });
    const last = await open({ log: store.open(), disk: emptyDisk(), shared: { yields: () => true } });
    await until(() => [other, last].every(({ member }) => member.status().owner !== undefined));
    first.close();
    await untilOwner(other);
    assert.equal(last.member.status().role, 'standby');
    second.close();
    await untilOwner(last);
    first.open();
    second.open();
  });

  it('takes over with everything although it was far behind', async () => {
    const store = new MemoryStore();
    const [ownersRoad, standbysRoad] = [way(), way()];
    const first = await open({ log: store.open(ownersRoad.pass), disk: emptyDisk() });
    await untilOwner(first);
    const standby = await open({ log: store.open(standbysRoad.pass), disk: emptyDisk() });
    await until(() => standby.member.status().term === 1);
    standbysRoad.close();
    const texts = Array.from({ length: 300 }, (_, n) => `${n}`);
    for (const text of texts) await put(first.engine, 1, text);
    assert(standby.member.status().position < 50);
    ownersRoad.close();
    standbysRoad.open();
    await untilOwner(standby);
    assert.equal(await put(standby.engine, 1, 'after'), texts.length);
    const found: string[] = [];
    while (found.length <= texts.length)
      found.push(...textsOf(await standby.engine.read(1, found.length, ALL)));
    assert.deepEqual(found, [...texts, 'after']);
    ownersRoad.open();
  });

  it('writes and applies together what has arrived together, as if it had come one after the other', async () => {
    const store = new MemoryStore();
    const first = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(first);
    const texts = Array.from({ length: 300 }, (_, n) => `${n}`);
    const table = first.engine.catalog.table<{ at: number }>('t');
    for (const [n, text] of texts.entries()) {
      await first.engine.commit({
        batches: [{ log: 1 + (n % 3), records: pack(text) }],
        idempotencyKey: { id: Buffer.from(text), digest: Buffer.from('digest') },
        change: (to) => to.put(table, `row ${n % 10}`, { at: n }),
      });
    }
    await first.engine.trim(1, 50);
    await first.engine.seal(2);
    const disk = emptyDisk();
    const standby = await open({ log: store.open(), disk, shared: LONG });
    const { position } = first.member.status();
    await until(() => standby.member.status().position >= position);
    assert(disk.calls < 80, `${disk.calls} calls of the disk for ${texts.length} commits`);
    const sameEverywhere = async (engine: Engine): Promise<void> => {
      assert.deepEqual(textsOf(await engine.read(1, 50, ALL)), texts.filter((_, n) => n % 3 === 0).slice(50));
      assert.deepEqual(
        textsOf(await engine.read(2, 0, ALL)),
        texts.filter((_, n) => n % 3 === 1),
      );
      assert.deepEqual(
        textsOf(await engine.read(3, 0, ALL)),
        texts.filter((_, n) => n % 3 === 2),
      );
      assert.deepEqual(engine.bounds(1), first.engine.bounds(1));
      assert.equal(engine.catalog.table<{ at: number }>('t').get('row 7')?.at, 297);
    };
    await sameEverywhere(standby.engine);
    await first.close();
    await untilOwner(standby);
    const repeated = await standby.engine.commit({
      batches: [{ log: 1, records: pack('3') }],
      idempotencyKey: { id: Buffer.from('3'), digest: Buffer.from('digest') },
    });
    assert.deepEqual([repeated.repeated, repeated.batches[0]?.firstIndex], [true, 1]);
    await standby.close();
    const again = await open({ log: store.open(), disk, shared: LONG });
    await sameEverywhere(again.engine);
  });

  it('takes over at once when the owner closes', async () => {
    const store = new MemoryStore();
    const first = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    await untilOwner(first);
    const second = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    await until(() => second.member.status().owner !== undefined);
    const begin = performance.now();
    await first.close();
    await untilOwner(second);
    assert(performance.now() - begin < LONG.takeOverAfterMs / 10);
  });

  it('takes over when it is asked to, and gives the log up again', async () => {
    const store = new MemoryStore();
    const first = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    await untilOwner(first);
    const second = await open({ log: store.open(), disk: emptyDisk(), shared: LONG });
    await second.member.promote();
    await untilOwner(second);
    await until(
      () =>
        first.member.status().role === 'standby' ||
        put(first.engine, 1, 'x').then(
          () => false,
          () => true,
        ),
    );
    await second.member.demote();
    await untilOwner(first);
  });

  it('tells how far behind it is, and asks the store once a second at most', async () => {
    const store = new MemoryStore();
    const owner = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(owner);
    const log = store.open();
    let questions = 0;
    const counted: SharedLog = {
      takeOver: (...args) => log.takeOver(...args),
      append: (...args) => log.append(...args),
      follow: (...args) => log.follow(...args),
      trim: (before) => log.trim(before),
      close: () => log.close(),
      bounds: () => {
        questions++;
        return log.bounds();
      },
    };
    const timers = new ManualClock(1_700_000_000_000);
    const standby = await open({ log: counted, disk: emptyDisk(), shared: { ...LONG, timers } });
    for (let n = 0; n < 5; n++) await put(owner.engine, 1, `${n}`);
    await until(() => standby.engine.bounds(1).nextIndex === 5);
    questions = 0;
    for (let n = 0; n < 100; n++) assert.equal(await standby.member.lag(), 0);
    assert.equal(questions, 1);
    timers.advance(1000);
    await standby.member.lag();
    assert.equal(questions, 2);
  });

  it('does not wait for ever for a store that does not answer how far behind it is', async () => {
    const store = new MemoryStore();
    const road = way();
    const timers = new ManualClock(1_700_000_000_000);
    const standby = await open({
      log: store.open(road.pass),
      disk: emptyDisk(),
      shared: { ...LONG, timers },
    });
    road.close();
    const lag = standby.member.lag();
    timers.advance(1000);
    await assert.rejects(lag, /does not answer/);
    road.open();
  });

  it('does not take over a log that a newer version has owned', async () => {
    const store = new MemoryStore();
    const newer = await open({
      log: store.open(),
      disk: emptyDisk(),
      shared: { self: { url: 'http://b', version: '1.10.0' } },
    });
    await untilOwner(newer);
    const older = await open({ log: store.open(), disk: emptyDisk() });
    const same = await open({
      log: store.open(),
      disk: emptyDisk(),
      shared: { takeOverAfterMs: 1000, self: { url: 'http://c', version: '1.10.0' } },
    });
    await until(() => older.member.status().term === 1 && same.member.status().term === 1);
    await newer.close();
    await untilOwner(same);
    await older.member.promote();
    assert.equal(older.member.status().role, 'standby');
  });

  it('continues from its folder with the rest of the log', async () => {
    const store = new MemoryStore();
    const disk = emptyDisk();
    const first = await open({ log: store.open(), disk });
    await untilOwner(first);
    await put(first.engine, 1, 'a');
    await first.close();
    const second = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(second);
    await put(second.engine, 1, 'b');
    await second.close();
    // The folder has what was removed from the log.
    store.trim(second.member.status().position - 3);
    const third = await open({ log: store.open(), disk });
    await untilOwner(third);
    assert.deepEqual(await textsIn(third, 1), ['a', 'b']);
    const empty = await open({ log: store.open(), disk: emptyDisk() });
    assert.match(String(await empty.member.lost), /the shared log begins at position/);
  });

  it('builds a damaged or half folder again', async () => {
    const store = new MemoryStore();
    const disk = emptyDisk();
    const first = await open({ log: store.open(), disk });
    await untilOwner(first);
    for (const text of ['a', 'b', 'c']) await put(first.engine, 1, text);
    await first.close();
    const whole = disk.files();
    for (const path of ['mark', 'segments/000000000001-0.segment']) {
      for (const harm of ['remove', 'damage'] as const) {
        const files = new Map(whole);
        const bytes = Buffer.from(files.get(path) ?? []);
        if (harm === 'damage') files.set(path, bytes.fill(7, 0, bytes.length >> 1));
        else files.delete(path);
        const again = await open({ log: store.open(), disk: FaultyDisk.of(files, new Random(2)) });
        await untilOwner(again);
        assert.deepEqual(await textsIn(again, 1), ['a', 'b', 'c'], `${harm} ${path}`);
        await again.close();
      }
    }
  });

  it('refuses a folder of another log, and one that is no copy', async () => {
    const disk = emptyDisk();
    for (const texts of [['a'], ['b', 'c']]) {
      const store = new MemoryStore();
      const other = await open({ log: store.open(), disk: texts.length === 1 ? disk : emptyDisk() });
      await untilOwner(other);
      for (const text of texts) await put(other.engine, 1, text);
      await other.close();
      if (texts.length === 1) continue;
      const wrong = await open({ log: store.open(), disk });
      assert.match(String(await wrong.member.lost), /copy of another shared log/);
    }
    const options = { folder: '', clock: systemClock, log: silentLog };
    await assert.rejects(openEmbeddedEngine({ ...options, disk }), /copy of a shared log/);
    const single = emptyDisk();
    const engine = await openEmbeddedEngine({ ...options, disk: single });
    await put(engine, 1, 'a');
    await engine.close();
    await assert.rejects(open({ log: new MemoryStore().open(), disk: single }), /data of a single machine/);
  });

  it('is lost when its disk does not take what the log has; another machine has it', async () => {
    const store = new MemoryStore();
    const disk = emptyDisk();
    const first = await open({ log: store.open(), disk });
    await untilOwner(first);
    await put(first.engine, 1, 'a');
    disk.faultChance = 1;
    await assert.rejects(put(first.engine, 1, 'b'));
    assert.match(String(await first.member.lost), /does not take the copy/);
    await assert.rejects(put(first.engine, 1, 'c'));
    disk.faultChance = 0;
    await first.close();
    const second = await open({ log: store.open(), disk: emptyDisk() });
    await untilOwner(second);
    assert.deepEqual(await textsIn(second, 1), ['a', 'b']);
  });

  it('uses its emergency space for what the log has when its disk is full, and then refuses records', async () => {
    const store = new MemoryStore();
    const disk = emptyDisk();
    const first = await open({ log: store.open(), disk, bounds: { reserveBytes: 5000 } });
    await untilOwner(first);
    await put(first.engine, 1, 'a');
    disk.full = true;
    assert.equal(await put(first.engine, 1, 'b'), 1);
    await assert.rejects(put(first.engine, 1, 'c'), /no space left/);
    assert.deepEqual(await textsIn(first, 1), ['a', 'b']);
  });
});
