import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { UnknownEntryError } from '../../../../src/engine/embedded/errors.ts';
import { fingerprint, fingerprintAt } from '../../../../src/engine/embedded/format/fingerprint.ts';
import { catalogRowKey } from '../../../../src/engine/embedded/format/row-key.ts';
import { decodeHead, encodeHead, FRAME_HEADER_BYTES } from '../../../../src/engine/embedded/format/frame.ts';

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

test('what was written can be read', () => {
  assert.deepEqual(decodeHead(frame(), 3, 4096), {
    head: { ...place, headBytes: frame().length, payloadBytes: 0 },
    entries: [
      { kind: 'seal', log: 5 },
      { kind: 'drop', log: 7, until: 9 },
    ],
  });
});

test('an idempotency key is stored with its responses, whatever their size, in few bytes', () => {
  const storedMs = 1_790_000_000_000;
  const [id, digest] = [Buffer.from('0123456789abcdef'), Buffer.from('a digest')];
  const keyWith = (answers: readonly { log: number; firstIndex: number; lateMs: number }[]) => ({
    kind: 'idempotencyKey' as const,
    id,
    digest,
    print: fingerprint(id, digest),
    storedMs,
    flags: 255,
    answers: answers.map(({ lateMs, ...rest }) => ({ ...rest, arrivalMs: storedMs + lateMs })),
  });
  const sizes = [0, 1, 127, 128, 16_383, 16_384, 2 ** 32 - 1, 2 ** 32, 2 ** 49, 2 ** 53 - 1];
  const large = keyWith(
    sizes.map((size) => ({ log: size, firstIndex: size, lateMs: Math.min(size, 2 ** 52) })),
  );
  const seal = { kind: 'seal' as const, log: 5 };
  const [key, next] = decodeHead(encodeHead(place, [large, seal], 0), 3, 4096)?.entries ?? [];
  assert.ok(key?.kind === 'idempotencyKey');
  for (const name of ['id', 'digest', 'print', 'storedMs', 'flags', 'answers'] as const) {
    assert.deepEqual(key[name], large[name], name);
  }
  assert.deepEqual(next, seal);
  const answer = { log: 90, firstIndex: 2_000_000, lateMs: 0 };
  const bytes = (count: number) =>
    encodeHead(place, [keyWith(Array.from({ length: count }, () => answer))], 0).length;
  assert.equal(bytes(2) - bytes(1), 1 + 3 + 1);
});

test('fingerprints and row keys are those of the files that exist', () => {
  const [id, digest] = [Buffer.from('request 1'), Buffer.alloc(32, 7)];
  const print = { low: 371_898_124, high: 1_636_025_220 };
  assert.deepEqual(fingerprint(id, digest), print);
  assert.deepEqual(fingerprintAt(Buffer.concat([Buffer.of(1, 2), id, digest]), 2, 9, 32), print);
  for (const key of ['', 'a key', 'é€', '\ud800 alone', 'x'.repeat(2000)]) {
    const bytes = Buffer.from(key, 'utf16le').swap16().toString('latin1');
    assert.equal(catalogRowKey('tablé', key), `ctabl\xc3\xa9\0${bytes}`);
  }
});

test('a head with a changed byte, or of another place, is rejected', () => {
  const head = frame();
  head[FRAME_HEADER_BYTES] = 99;
  assert.equal(decodeHead(head, 3, 4096), undefined);
  assert.equal(decodeHead(frame(), 4, 4096), undefined);
  assert.equal(decodeHead(frame(), 3, 0), undefined);
});

// An entry once got another field under the same format version: stores from before ended in a RangeError with its stack.
test('an intact head with unknown entries is recognized, and never treated as a torn one', () => {
  const unknownKind = frame();
  unknownKind[FRAME_HEADER_BYTES] = 99;
  assert.throws(() => decodeHead(signed(unknownKind), 3, 4096), UnknownEntryError);
  const lastField = frame().subarray(0, -8);
  assert.throws(() => decodeHead(signed(lastField), 3, 4096), UnknownEntryError);
  const oneMore = Buffer.concat([frame(), Buffer.alloc(8)]);
  assert.throws(() => decodeHead(signed(oneMore), 3, 4096), UnknownEntryError);
});
