import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { UnknownEntryError } from '../../../src/engine/embedded/errors.ts';
import { decodeHead, encodeHead, FRAME_HEADER_BYTES } from '../../../src/engine/embedded/frame.ts';

const place = { segment: 3, position: 4096, commit: 17 };

/** A head with the checksum that it ought to have. */
function signed(head: Buffer): Buffer {
  head.writeUInt32LE(crc32(head.subarray(4)));
  return head;
}

function frame(): Buffer {
  return encodeHead(
    place,
    [
      { kind: 'seal', log: 5 },
      { kind: 'drop', log: 7, until: 9 },
    ],
    0,
  );
}

test('what was written is read', () => {
  assert.deepEqual(decodeHead(frame(), 3, 4096), {
    head: { ...place, headBytes: frame().length, payloadBytes: 0 },
    entries: [
      { kind: 'seal', log: 5 },
      { kind: 'drop', log: 7, until: 9 },
    ],
  });
});

test('a head with a byte changed, or of another place, is no head', () => {
  const head = frame();
  head[FRAME_HEADER_BYTES] = 99;
  assert.equal(decodeHead(head, 3, 4096), undefined);
  assert.equal(decodeHead(frame(), 4, 4096), undefined);
  assert.equal(decodeHead(frame(), 3, 0), undefined);
});

// An entry once got another field under the same format version: stores from before ended in a RangeError with its stack.
test('a whole head with entries that this version does not have is said to be one, and never taken for a torn one', () => {
  const unknownKind = frame();
  unknownKind[FRAME_HEADER_BYTES] = 99;
  assert.throws(() => decodeHead(signed(unknownKind), 3, 4096), UnknownEntryError);
  const lastField = frame().subarray(0, -8);
  assert.throws(() => decodeHead(signed(lastField), 3, 4096), UnknownEntryError);
  const oneMore = Buffer.concat([frame(), Buffer.alloc(8)]);
  assert.throws(() => decodeHead(signed(oneMore), 3, 4096), UnknownEntryError);
});
