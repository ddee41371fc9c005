import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { decodeFrame, encodeFrame, ENVELOPE_BYTES, FrameError } from '../../../src/engine/shared/envelope.ts';

describe('the bytes of a frame in the shared log', () => {
  it('come back as they were written', () => {
    for (const kind of ['commit', 'heartbeat', 'handover'] as const) {
      for (const payload of [
        [],
        [Buffer.from('abc')],
        [Buffer.from('ab'), Buffer.alloc(0), Buffer.from('c')],
      ]) {
        const frame = decodeFrame(Buffer.concat(encodeFrame(2 ** 40 + 7, { kind, payload })), 12);
        assert.deepEqual(
          { ...frame, payload: Buffer.from(frame.payload).toString() },
          { kind, term: 2 ** 40 + 7, position: 12, payload: Buffer.concat(payload).toString() },
        );
      }
    }
  });

  it('name the owner in a takeover', () => {
    const owner = { url: 'http://a:4566', version: '1.2.3', settings: { region: 'us-east-1' } };
    const { kind, term, ...rest } = decodeFrame(
      Buffer.concat(encodeFrame(3, { kind: 'takeover', owner, id: 'x' })),
      0,
    );
    assert.deepEqual(
      { kind, term, owner: rest.owner, id: rest.id },
      { kind: 'takeover', term: 3, owner, id: 'x' },
    );
  });

  it('do not copy the payload', () => {
    const piece = Buffer.from('payload');
    const [, same] = encodeFrame(1, { kind: 'commit', payload: [piece] });
    assert.equal(same, piece);
  });

  it('are refused when any bit of them differs, or when they are cut', () => {
    const bytes = Buffer.concat(encodeFrame(5, { kind: 'commit', payload: [Buffer.from('some payload')] }));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.throws(() => decodeFrame(flipped, 9), FrameError, `bit ${bit}`);
    }
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => decodeFrame(bytes.subarray(0, length), 9), FrameError);
    }
  });

  it('of a later version are refused by name', () => {
    const bytes = Buffer.concat(encodeFrame(5, { kind: 'commit', payload: [] }));
    bytes.writeUInt8(2, 4);
    assert.throws(() => decodeFrame(bytes, 9), /position 9: it has version 2/);
    assert.equal(bytes.length, ENVELOPE_BYTES);
  });
});
