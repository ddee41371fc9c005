import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import { encodeEntries } from '../../../src/engine/embedded/format/entries.ts';
import { encodeSharedCommit, UnknownCommitError } from '../../../src/engine/embedded/format/shared-commit.ts';
import { Backlog } from '../../../src/engine/shared/backlog.ts';
import { applyRuns, runsOf } from '../../../src/engine/shared/runs.ts';
import type { SharedFrame } from '../../../src/engine/shared/shared-log.ts';

const KINDS = { c: 'commit', b: 'heartbeat', h: 'handover', t: 'takeover' } as const;

/** A letter is a frame: c for a commit, b for a heartbeat, h for a hand-over, t for a takeover. */
function frames(letters: string, bytes = 10): SharedFrame[] {
  return Array.from(letters, (letter, position) => {
    const kind = KINDS[letter as keyof typeof KINDS];
    return { kind, term: 1, position, payload: Buffer.alloc(bytes) };
  });
}

function positionsOf(runs: Iterable<readonly SharedFrame[]>): number[][] {
  return [...runs].map((run) => run.map(({ position }) => position));
}

test('commits and heartbeats are applied together, takeovers and hand-overs alone, all in their order', () => {
  assert.deepEqual(positionsOf(runsOf(frames('ccbcthtcbbhc'))), [
    [0, 1, 2, 3],
    [4],
    [5],
    [6],
    [7, 8, 9],
    [10],
    [11],
  ]);
  assert.deepEqual(positionsOf(runsOf([])), []);
});

test('a run is bounded in frames and in bytes, and one frame may be larger', () => {
  const { runFramesMax, runBytesMax } = sharedLimits;
  const many = [...runsOf(frames('c'.repeat(runFramesMax * 2 + 1)))];
  assert.deepEqual(
    many.map(({ length }) => length),
    [runFramesMax, runFramesMax, 1],
  );
  const large = [...runsOf(frames('ccccc', runBytesMax / 2))];
  assert.deepEqual(
    large.map(({ length }) => length),
    [2, 2, 1],
  );
  const larger = [...runsOf(frames('ccc', runBytesMax * 2))];
  assert.deepEqual(
    larger.map(({ length }) => length),
    [1, 1, 1],
  );
});

/** So many frames that there are three runs, the second with a frame of unknown content if it is said. */
function threeRuns(hasUnknown = false): SharedFrame[] {
  const payload = Buffer.concat(encodeSharedCommit(1, encodeEntries([]), []));
  const { runFramesMax } = sharedLimits;
  const found = frames('c'.repeat(runFramesMax * 2 + 1)).map((frame) => ({ ...frame, payload }));
  const unknown = found[runFramesMax + 1];
  if (hasUnknown && unknown !== undefined)
    found[unknown.position] = { ...unknown, payload: Buffer.alloc(16) };
  return found;
}

test('runs are applied one after another; after one that fails, or ends it, none is', async () => {
  const applied: number[] = [];
  let isApplying = false;
  const apply = async (frames: readonly SharedFrame[], end: (run: number) => boolean): Promise<boolean> =>
    await applyRuns(frames, async (run) => {
      assert.equal(isApplying, false);
      isApplying = true;
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      isApplying = false;
      applied.push(run.frames.length);
      return !end(applied.length);
    });
  const { runFramesMax } = sharedLimits;
  assert.equal(await apply(threeRuns(), () => false), true);
  assert.deepEqual(applied.splice(0), [runFramesMax, runFramesMax, 1]);
  assert.equal(await apply(threeRuns(), (run) => run === 2), false);
  assert.deepEqual(applied.splice(0), [runFramesMax, runFramesMax]);
  await assert.rejects(
    apply(threeRuns(true), () => false),
    UnknownCommitError,
  );
  assert.deepEqual(applied.splice(0), [runFramesMax]);
  const failure = new Error('the disk is full');
  const failing = apply(threeRuns(true), () => {
    throw failure;
  });
  await assert.rejects(failing, failure);
  assert.equal(applied.length, 1);
});

test('the backlog ends where the log ended, when what came meanwhile is little', async () => {
  const ends = [1000, 5000, 5100];
  const backlog = new Backlog({ bounds: () => Promise.resolve({ first: 0, next: ends.shift() ?? 0 }) });
  const isBacklog = (position: number): Promise<boolean> =>
    backlog.has(frames('c').map((frame) => ({ ...frame, position })));
  assert.equal(await isBacklog(10), true);
  assert.equal(await isBacklog(999), true);
  assert.equal(await isBacklog(1000), true);
  assert.equal(await isBacklog(5000), false);
  assert.equal(await isBacklog(9000), false);
});
