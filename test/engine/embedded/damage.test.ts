import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Disk } from '../../../src/engine/embedded/disk.ts';
import { DamageError, FormatVersionError } from '../../../src/engine/embedded/errors.ts';
import { repairEngine } from '../../../src/engine/embedded/recover/repair.ts';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { DamagedRecordsError, type Engine } from '../../../src/engine/engine.ts';
import { DamagedDataError } from '../../../src/errors.ts';
import { verifyEngine } from '../../../src/engine/embedded/recover/verify.ts';
import type { VerifyReport } from '../../../src/support/findings.ts';
import { ALL, pack, textsOf } from '../contract.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { clock, contentOf, diskOf, emptyDisk, fillStore, LOGS, openStore } from './store.ts';

type Content = Awaited<ReturnType<typeof contentOf>>;
type Files = ReadonlyMap<string, Buffer>;

async function filledStore(): Promise<{ files: Files; content: Content }> {
  const disk = emptyDisk();
  await fillStore(disk);
  const engine = await openStore(disk);
  const content = await contentOf(engine);
  await engine.close();
  const files = disk.files();
  // Nothing is kept in it.
  files.delete('reserve');
  return { files, content };
}

function changed(files: Files, path: string, bytes: Buffer | undefined): Disk {
  const copy = new Map(files);
  if (bytes === undefined) copy.delete(path);
  else copy.set(path, bytes);
  return diskOf(copy);
}

/** What a start and a read of everything give; 'refused' when either throws, naming the file. */
async function startAndRead(disk: Disk, file: string): Promise<Content | 'refused'> {
  try {
    return await readAll(await openStore(disk));
  } catch (error) {
    if (error instanceof DamagedDataError) return 'refused';
    assert(error instanceof DamageError || error instanceof FormatVersionError, String(error));
    assert(error.message.includes(file), `${error.message} does not name ${file}`);
    return 'refused';
  }
}

async function readAll(engine: Engine): Promise<Content> {
  try {
    return await contentOf(engine);
  } finally {
    await engine.close();
  }
}

async function findingsOf(disk: Disk): Promise<VerifyReport['findings']> {
  return (await verifyEngine({ folder: '', disk })).findings;
}

describe('a damaged store', () => {
  it('never serves a flipped byte, in any file, and verify finds it', async () => {
    const { files, content } = await filledStore();
    assert(files.size > 4, `only ${files.size} files`);
    assert.deepEqual(await findingsOf(diskOf(files)), []);
    let refused = 0;
    for (const [file, bytes] of files) {
      for (let at = 0; at < bytes.length; at += 61) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        // One slot of the mark is enough; the other may have any bytes.
        const findings = file === 'mark' ? [file] : await findingsOf(changed(files, file, flipped));
        assert(findings.length > 0, `verify saw nothing in ${file} at ${at}`);
        const seen = await startAndRead(changed(files, file, flipped), file);
        if (seen === 'refused') refused++;
        else assert.deepEqual(seen, content, `${file} at ${at}`);
      }
    }
    assert(refused > 50, `only ${refused} were refused`);
  });

  it('refuses a truncated file, and repair keeps intact data', async () => {
    const { files, content } = await filledStore();
    for (const [file, bytes] of files) {
      for (const part of [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        if (file !== 'mark' || part < 0.5) {
          assert.equal(
            await startAndRead(changed(files, file, cut), file),
            'refused',
            `${file} cut to ${part}`,
          );
        }
        const disk = changed(files, file, cut);
        await repairEngine({ folder: '', disk });
        const engine = await openStore(disk);
        const after = await contentOf(engine);
        await engine.close();
        for (const [at, texts] of after.logs.entries()) assertWithin(content.logs[at] ?? [], texts);
        assert.deepEqual(await findingsOf(disk), []);
      }
    }
  });

  it('refuses a missing file, and repair reports which records are lost', async () => {
    const { files, content } = await filledStore();
    for (const victim of files.keys()) {
      assert.equal(await startAndRead(changed(files, victim, undefined), victim), 'refused');
      const disk = changed(files, victim, undefined);
      const { lost, findings } = await repairEngine({ folder: '', disk });
      assert(findings.length > 0 || victim === [...files.keys()].at(-1), `no finding for ${victim}`);
      const engine = await openStore(disk);
      const after = await contentOf(engine);
      for (const [at, log] of LOGS.entries()) assertWithin(content.logs[at] ?? [], after.logs[at] ?? [], log);
      if (victim !== [...files.keys()].at(-1)) {
        for (const [at, log] of LOGS.entries()) {
          const gone = lostOf(lost, log);
          assert.equal((after.logs[at]?.length ?? 0) + gone, content.logs[at]?.length);
        }
        assert.deepEqual(after.rows, content.rows);
        assert.deepEqual(after.sealed, content.sealed);
      }
      await engine.append({ batches: [{ log: 1, records: pack('new') }] });
      assert.equal(textsOf(await engine.read(1, 0, ALL)).at(-1), 'new');
      await engine.close();
    }
  });
});

describe('damaged records in a sealed segment', () => {
  it('cause an error that names them, and those before and after can be read', async () => {
    const { files } = await filledStore();
    const path = 'segments/000000000001-0.segment';
    const bytes = Buffer.from(files.get(path) ?? '');
    const at = bytes.indexOf('2:8') + 10;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const logged = recordedLog();
    const counted: number[] = [];
    const engine = await openEmbeddedEngine({
      folder: '',
      clock,
      log: logged.log,
      disk: changed(files, path, bytes),
      bounds: { segmentBytes: 2000, reserveBytes: 2000 },
      describeRecords: (catalog, { firstIndex, count }) =>
        `table of ${catalog.table('t').size} rows, ${firstIndex} and ${count - 1} more`,
      onDamage: () => counted.push(1),
    });
    await engine.trim(2, 0);
    const before = await engine.read(2, 7, ALL);
    assert.deepEqual(
      before.map(({ firstIndex, count }) => [firstIndex, count]),
      [[7, 1]],
    );
    for (const index of [8, 9]) {
      await assert.rejects(engine.read(2, index, ALL), (error) => {
        assert(error instanceof DamagedRecordsError);
        assert.deepEqual([error.records.firstIndex, error.records.count], [8, 2]);
        assert.match(error.message, /^Stored data is damaged: table of 6 rows, 8 and 1 more\. /);
        return true;
      });
    }
    assert.equal((await engine.read(2, 10, ALL))[0]?.firstIndex, 10);
    assert.equal(counted.length, 2);
    assert.equal(logged.lines.filter((line) => line.includes('checksum mismatch')).length, 1);
    await engine.close();
  });
});

/** Same order, nothing that was not there. */
function assertWithin(all: readonly string[], some: readonly string[], log = 0): void {
  let at = 0;
  for (const text of some) {
    at = all.indexOf(text, at) + 1;
    assert(at > 0, `${text} of log ${log} was not there before, or elsewhere`);
  }
}

/** How many records of a log a repair says are lost. */
function lostOf(lost: readonly string[], log: number): number {
  let count = 0;
  for (const subject of lost) {
    const match = /^log (\d+), records (\d+) to (\d+)$/.exec(subject);
    assert(match !== null, subject);
    if (Number(match[1]) === log) count += Number(match[3]) - Number(match[2]) + 1;
  }
  return count;
}
