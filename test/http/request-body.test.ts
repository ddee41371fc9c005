import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestBody } from '../../src/http/request-body.ts';
import { acquireBuffer } from '../../src/support/buffer-pool.ts';

function pooled(text: string): RequestBody {
  const bytes = acquireBuffer(64 * 1024);
  return new RequestBody(bytes.fill(' ').fill(text, 0, text.length));
}

describe('the body of a request', () => {
  it('releases its memory once: no view of it is left', () => {
    const body = pooled('a');
    const view = body.bytes.subarray(0, 1);
    body.release();
    assert.equal(view.length, 0);
    const other = acquireBuffer(64 * 1024);
    body.release();
    assert.equal(other.length, 64 * 1024, 'the second release takes nothing from its new owner');
  });

  it('is released when its JSON was parsed', () => {
    const body = pooled('{"a":1}');
    assert.deepEqual(body.json(), { a: 1 });
    assert.equal(body.bytes.length, 0);
    assert.throws(() => pooled('{').json(), SyntaxError);
  });

  it('is transferred to another thread and back, unless its memory is shared', () => {
    const body = pooled('abc');
    const memory = body.detach() ?? assert.fail('pooled memory can be moved');
    body.adopt(structuredClone(memory, { transfer: [memory] }), 3);
    assert.equal(body.bytes.toString(), 'abc');
    body.release();
    assert.equal(new RequestBody(Buffer.from('small')).detach(), undefined);
  });
});
