import assert, { AssertionError } from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BloomFilter } from '../../../../src/engine/embedded/format/bloom-filter.ts';
import { ByteWriter } from '../../../../src/engine/embedded/format/bytes.ts';
import { encodeTableTrailer, type TableFile } from '../../../../src/engine/embedded/format/table-file.ts';
import {
  type BlockRef,
  decodeSection,
  decodeTop,
  encodeSection,
  encodeTop,
} from '../../../../src/engine/embedded/format/table-index.ts';
import { Levels } from '../../../../src/engine/embedded/tables/levels.ts';
import { RecordPacker, unpack } from '../../../../src/engine/packed-records.ts';

const filter = BloomFilter.of([]);
const a: BlockRef = { firstKey: 'a', position: 64, bytes: 100 };
const b: BlockRef = { firstKey: 'b', position: 164, bytes: 100 };

/** As encodeSection writes it, without its checks. */
function sectionOf(refs: readonly BlockRef[]): Buffer {
  const out = new ByteWriter(100);
  out.u32(refs.length);
  out.u32(filter.bytes.length);
  out.bytes(filter.bytes);
  for (const { firstKey, position, bytes } of refs) {
    out.u64(position);
    out.u32(bytes);
    out.varint(firstKey.length);
    out.text(firstKey, 'latin1');
  }
  return out.finish();
}

function file(number: number, first: string, last: string): TableFile {
  return { number, level: 1, bytes: 1, rows: 1, deleted: 0, first, last };
}

describe('what crosses the border of the engine', () => {
  it('is a section with blocks in order, when it is written and when it is read', () => {
    assert.deepEqual(decodeSection(encodeSection([a, b], filter)).blocks, [a, b]);
    assert.deepEqual(decodeSection(sectionOf([a, b])).blocks, [a, b]);
    for (const wrong of [
      [b, a],
      [a, a],
      [a, { ...b, position: 100 }],
    ]) {
      assert.throws(() => encodeSection(wrong, filter), AssertionError);
      assert.throws(() => decodeSection(sectionOf(wrong)), AssertionError);
    }
  });

  it('is a file with sections in order, at least one row, and no more deletions than rows', () => {
    const [first, second] = [
      { ...a, start: 64 },
      { ...b, start: 164 },
    ];
    assert.deepEqual(decodeTop(encodeTop([first, second])), [first, second]);
    assert.throws(() => encodeTop([second, first]), AssertionError);
    const trailer = { size: 1000, topAt: 200, rows: 2, deleted: 1 };
    assert.ok(encodeTableTrailer(1, trailer));
    for (const wrong of [{ rows: 0 }, { deleted: 3 }, { topAt: 1000 }, { topAt: 0 }]) {
      assert.throws(() => encodeTableTrailer(1, { ...trailer, ...wrong }), AssertionError);
    }
  });

  it('is a level whose files do not overlap', () => {
    const levels = new Levels().change([], [file(1, 'a', 'c'), file(2, 'd', 'e')]);
    assert.throws(() => levels.change([], [file(3, 'e', 'f')]), AssertionError);
    assert.equal(levels.change([2], [file(3, 'e', 'f')]).files().length, 2);
  });

  it('is records that end where their bytes end', () => {
    const packer = new RecordPacker();
    packer.add(Buffer.from('abc'));
    const { count, bytes } = packer.finish();
    unpack({ count, bytes }, () => {});
    assert.throws(() => unpack({ count, bytes: Buffer.concat([bytes, bytes]) }, () => {}), AssertionError);
  });
});
