import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { Engine, LogId } from '../../../src/engine/engine.ts';
import type { Entry } from '../../../src/engine/embedded/format/entries.ts';
import { openEmbeddedEngine, openStoreToCopy } from '../../../src/engine/embedded/open.ts';
import { transplant } from '../../../src/engine/embedded/transplant.ts';
import { RecordPacker, unpack } from '../../../src/engine/packed-records.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { MemoryStore } from '../shared/memory-log.ts';
import { openMember, untilOwner } from '../shared/shared-engine.ts';
import { Random } from '../simulation/random.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';
import { tinyTables } from './store.ts';

const common = { clock: systemClock, log: silentLog };
const bounds = { segmentBytes: 20_000, ...tinyTables };
const LOGS = 30;

function packed(texts: readonly string[]) {
  const packer = new RecordPacker();
  for (const text of texts) packer.add(Buffer.from(text));
  return packer.finish();
}

function keyOf(n: number) {
  return { id: Buffer.from(`id ${n}`), digest: Buffer.from(`digest ${n}`) };
}

/** A store of many segments and table files, with all that a log can be. */
async function makeStore(folder: string, random: Random): Promise<void> {
  const engine = await openEmbeddedEngine({ ...common, folder, bounds });
  const memory = engine.catalog.table<{ n: number }>('in memory');
  const disk = engine.tables.open<{ n: number; text: string }>('on \u00e9 disk');
  const left = engine.tables.open<{ n: number }>('left behind');
  const logs = await engine.createLogs(LOGS);
  for (let n = 0; n < 300; n++) {
    const log = logs[random.below(LOGS - 5)] ?? 0;
    const texts = Array.from({ length: 1 + random.below(5) }, () => 'x'.repeat(random.below(2000)));
    await engine.commit({
      batches: engine.bounds(log).sealed ? [] : [{ log, records: packed([`${n}`, ...texts]) }],
      idempotencyKey: keyOf(n),
      flags: n % 3,
      change(transaction) {
        transaction.put(memory, `key \ud800 ${random.below(50)}`, { n });
        transaction.put(disk, `\u00fc ${random.below(80)}`, {
          n,
          text: '\u{1f600}'.repeat(random.below(40)),
        });
        transaction.put(left, 'a', { n });
        if (n % 7 === 0) transaction.delete(disk, `\u00fc ${random.below(80)}`);
      },
    });
    if (random.below(20) === 0) await engine.trim(log, engine.bounds(log).nextIndex - random.below(4));
    if (random.below(60) === 0) await engine.seal(log);
    if (random.below(60) === 0) await engine.drop(logs[LOGS - 1 - random.below(3)] ?? 0);
  }
  await engine.close();
}

/** All that can be read of a store. */
async function contentOf(engine: Engine) {
  const logs = [];
  for (let log: LogId = 1; log <= LOGS; log++) {
    const records: string[] = [];
    for (let from = engine.bounds(log).firstIndex; from < engine.bounds(log).nextIndex;) {
      for (const batch of await engine.read(log, from, { maxRecords: 100, maxBytes: 1e6 })) {
        unpack(batch, (ordinal, offset, length) => {
          const bytes = batch.bytes.subarray(offset, offset + length);
          records.push(`${batch.firstIndex + ordinal} ${batch.arrivalMs} ${length} ${crc32(bytes)}`);
        });
        from = batch.firstIndex + batch.count;
      }
    }
    logs.push({ ...engine.bounds(log), records });
  }
  const disk = [];
  for await (const row of engine.tables.open('on \u00e9 disk').entries()) disk.push(row);
  const keys = [];
  for (let n = 0; n < 300; n++) keys.push(await engine.recall(keyOf(n)));
  return { logs, memory: [...engine.catalog.table('in memory').entries()], disk, keys };
}

test('a store comes to a shared log as it is, also when that is interrupted again and again', async () => {
  const seed = randomInt(2 ** 31);
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  await using ends = new AsyncDisposableStack();
  const folder = await temporaryFolder();
  ends.defer(() => removeFolder(folder));
  await makeStore(folder, random);
  const source = await openStoreToCopy({ ...common, folder, bounds });
  ends.defer(() => source.engine.close());
  const store = new MemoryStore();
  const options = {
    withoutTables: new Set(['left behind']),
    withoutLogs: new Set([LOGS]),
    frameBytes: 20_000,
    onRecords: () => undefined,
  };
  for (let isDone = false; !isDone;) {
    const target = await temporaryFolder();
    const member = await openMember({ folder: target, log: store.open(), bounds });
    await untilOwner(member);
    let left = random.below(30);
    const write = async (entries: readonly Entry[], payload: readonly Uint8Array[]): Promise<void> => {
      if (left-- === 0) throw new Error('interrupted');
      await member.copy.write(entries, payload);
    };
    isDone = await transplant(source.contents, { contents: member.copy.contents, write }, options).then(
      () => true,
      () => false,
    );
    await member.close();
    await removeFolder(target);
  }
  const other = await temporaryFolder();
  ends.defer(() => removeFolder(other));
  const member = await openMember({ folder: other, log: store.open(), bounds });
  ends.defer(() => member.close());
  await untilOwner(member);
  const [expected, found] = [await contentOf(source.engine), await contentOf(member.engine)];
  assert.deepEqual(found.logs.slice(0, LOGS - 1), expected.logs.slice(0, LOGS - 1));
  assert.deepEqual(found.memory, expected.memory);
  assert.deepEqual(found.disk, expected.disk);
  assert.deepEqual(found.keys, expected.keys);
  assert.equal(await member.engine.tables.open('left behind').get('a'), undefined);
  const [next = 0] = await member.engine.createLogs(1);
  assert.ok(next > LOGS);
});
