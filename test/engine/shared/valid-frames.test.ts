import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { SharedFrame } from '../../../src/engine/shared/shared-log.ts';
import { ValidFrames } from '../../../src/engine/shared/valid-frames.ts';

/** The positions of the frames that count. */
function valid(
  frames: readonly (readonly [SharedFrame['kind'], term: number])[],
  from = { term: 0, position: 0 },
): number[] {
  const valid = new ValidFrames(from);
  const read = [...frames.entries()].slice(from.position);
  return read.flatMap(([position, [kind, term]]) =>
    valid.accept({ kind, term }, position === from.position) ? [position] : [],
  );
}

describe('which frames of the shared log count', () => {
  it('leaves out what a deposed owner wrote after the takeover', () => {
    const frames = [
      ['takeover', 1],
      ['commit', 1],
      ['takeover', 2],
      ['commit', 1],
      ['heartbeat', 1],
      ['commit', 2],
      ['takeover', 1],
    ] as const;
    assert.deepEqual(valid(frames), [0, 1, 2, 5]);
  });

  it('leaves out the second takeover of a term, and frames of a term that no takeover began', () => {
    assert.deepEqual(
      valid([
        ['commit', 1],
        ['takeover', 2],
        ['takeover', 2],
        ['commit', 3],
      ]),
      [1],
    );
  });

  it('begins within a term, or with a takeover', () => {
    const frames = [
      ['takeover', 4],
      ['commit', 4],
      ['commit', 3],
      ['commit', 4],
    ] as const;
    assert.deepEqual(valid(frames, { term: 4, position: 0 }), [0, 1, 3]);
    assert.deepEqual(valid(frames, { term: 4, position: 1 }), [1, 3]);
    assert.deepEqual(valid(frames, { term: 4, position: 2 }), [3]);
  });
});
