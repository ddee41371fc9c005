import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import type { SegmentName } from '../../../../src/engine/embedded/format/entries.ts';
import { segmentPath } from '../../../../src/engine/embedded/read/segment-file.ts';
import { DamageError } from '../../../../src/engine/embedded/errors.ts';
import { inspectSegment, listSegments } from '../../../../src/engine/embedded/recover/inspect-segment.ts';
import { repairEngine } from '../../../../src/engine/embedded/recover/repair.ts';
import { verifyEngine } from '../../../../src/engine/embedded/recover/verify.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { diskOf, emptyDisk, openStore, tinyTables } from '../store.ts';
import { fillTables, rowsOf } from './rows.ts';

type Files = ReadonlyMap<string, Buffer>;

async function filledStore(segmentBytes = 2000): Promise<{ files: Files; rows: unknown }> {
  const disk = emptyDisk();
  const bounds = { ...tinyTables, segmentBytes };
  const engine = await openStore(disk, bounds);
  await fillTables(engine);
  await engine.close();
  const again = await openStore(disk, bounds);
  const rows = await rowsOf(again);
  await again.close();
  const files = disk.files();
  files.delete('reserve');
  return { files, rows };
}

function changed(files: Files, path: string, bytes: Buffer | undefined): Disk {
  const copy = new Map(files);
  if (bytes === undefined) copy.delete(path);
  else copy.set(path, bytes);
  return diskOf(copy);
}

/** All rows, or 'refused' when the start or a read throws, naming the file. */
async function startAndRead(disk: Disk, file: string): Promise<unknown> {
  let engine: Engine | undefined;
  try {
    engine = await openStore(disk, tinyTables);
    return await rowsOf(engine);
  } catch (error) {
    assert(error instanceof DamageError, String(error));
    assert.equal(error.file, file);
    return 'refused';
  } finally {
    await engine?.close();
  }
}

/** Positions of frames that name table files and change no row. */
async function namingFrames(disk: Disk, name: SegmentName): Promise<number[]> {
  const found: number[] = [];
  await inspectSegment(disk, name, {
    visit: ({ position, entries }) => {
      if (entries.every(({ kind }) => kind === 'tables')) found.push(position);
    },
  });
  return found;
}

async function findingsOf(disk: Disk): Promise<readonly { readonly file: string }[]> {
  return (await verifyEngine({ folder: '', disk })).findings;
}

describe('damaged table files', () => {
  it('never return a row with a flipped bit, and verify finds it', async () => {
    const { files, rows } = await filledStore();
    const tables = [...files].filter(([path]) => path.startsWith('tables/'));
    assert(tables.length > 2, `only ${tables.length} table files`);
    assert.deepEqual(await findingsOf(diskOf(files)), []);
    for (const [path, bytes] of tables) {
      for (let at = 0; at < bytes.length; at += 101) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        const found = await findingsOf(changed(files, path, flipped));
        assert(
          found.some(({ file }) => file === `engine/${path}`),
          `verify saw nothing in ${path} at ${at}`,
        );
        const seen = await startAndRead(changed(files, path, flipped), path);
        if (seen !== 'refused') assert.deepEqual(seen, rows, `${path} at ${at}`);
      }
    }
  });

  it('are repaired: rows of intact blocks stay, lost ones are named and counted, and nothing else appears', async () => {
    const { files, rows } = await filledStore();
    const before = new Set((rows as unknown[]).map((row) => JSON.stringify(row)));
    for (const [path, bytes] of files) {
      if (!path.startsWith('tables/')) continue;
      const harms: (Buffer | undefined)[] = [undefined, bytes.subarray(0, bytes.length / 2)];
      for (let at = 0; at < bytes.length; at += 701) {
        const flipped = Buffer.from(bytes);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        harms.push(flipped);
      }
      for (const [harm, content] of harms.entries()) {
        const disk = changed(files, path, content);
        const { findings, lost, lostCounts, kept, unrepaired } = await repairEngine({ folder: '', disk });
        assert(findings.length > 0, `${path}, harm ${harm}`);
        assert.deepEqual(unrepaired, []);
        assert.deepEqual(await findingsOf(disk), []);
        const [, [, lostRows]] = lostCounts as [unknown, [string, number]];
        assert.equal(lost.length > 0, lostRows > 0, `${path}, harm ${harm}: ${lost.join()} ${lostRows}`);
        if (content !== undefined) assert(kept.some((file) => file.endsWith(path.replace('tables/', ''))));
        const engine = await openStore(disk, tinyTables);
        const after = (await rowsOf(engine)) as unknown[];
        const missing = [...before].filter((row) => !after.some((one) => JSON.stringify(one) === row));
        // A row that lost its newest value may show an older one: never more than were lost.
        assert(missing.length <= lostRows, `${missing.length} rows are gone, ${lostRows} were named`);
        await engine.close();
      }
    }
  });

  it('lose nothing in a repair while the frames of their rows exist', async () => {
    const { files, rows } = await filledStore(1e6);
    for (const [path, bytes] of files) {
      if (!path.startsWith('tables/')) continue;
      const flipped = Buffer.from(bytes);
      for (let at = 100; at < bytes.length; at += 400) flipped[at] = (flipped[at] ?? 0) ^ 1;
      for (const content of [undefined, flipped]) {
        const disk = changed(files, path, content);
        await repairEngine({ folder: '', disk });
        const engine = await openStore(disk, tinyTables);
        assert.deepEqual(await rowsOf(engine), rows, path);
        await engine.close();
      }
    }
  });

  // A merge removes its inputs: with the frame that names what they were merged into, all their rows would be lost.
  it('are all found by a repair when a frame that names them is damaged', async () => {
    let damagedFrames = 0;
    for (const segmentBytes of [5000, 6000, 7000]) {
      const { files, rows } = await filledStore(segmentBytes);
      const name = (await listSegments(diskOf(files))).at(-1);
      assert(name);
      for (const position of await namingFrames(diskOf(files), name)) {
        const path = segmentPath(name);
        const flipped = Buffer.from(files.get(path) ?? '');
        flipped[position + 60] = (flipped[position + 60] ?? 0) ^ 1;
        const disk = changed(files, path, flipped);
        assert((await repairEngine({ folder: '', disk })).findings.length > 0);
        const engine = await openStore(disk, tinyTables);
        assert.deepEqual(await rowsOf(engine), rows, `frame at ${position}`);
        await engine.close();
        damagedFrames++;
      }
    }
    assert(damagedFrames > 0);
  });

  it('are refused at startup when they are truncated or missing', async () => {
    const { files } = await filledStore();
    for (const [path, bytes] of files) {
      if (!path.startsWith('tables/')) continue;
      for (const part of [0, 0.3, 0.9, 0.99]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        assert.equal(await startAndRead(changed(files, path, cut), path), 'refused');
      }
      assert.equal(await startAndRead(changed(files, path, undefined), path), 'refused');
    }
  });
});
