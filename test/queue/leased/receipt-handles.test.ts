import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReceiptHandles } from '../../../src/queue/leased/receipt-handles.ts';

const receipts = Array.from({ length: 2_000 }, (_, index) => ({ log: 7, index, receive: index % 3 }));
const handles = new ReceiptHandles(Buffer.alloc(16, 1));

test('a handle names its receipt, and begins with nothing that a command line takes for an option', () => {
  const encoded = handles.encode(receipts);
  assert.deepEqual(handles.decode(encoded), receipts);
  assert.deepEqual(
    encoded.filter((handle) => !/^[A-Za-z0-9+/]/.test(handle)),
    [],
  );
});

test('a handle of an earlier version, in base64url, is the same receipt', () => {
  const earlier = handles
    .encode(receipts)
    .map((handle) => Buffer.from(handle, 'base64').toString('base64url'));
  assert.ok(earlier.some((handle) => handle.startsWith('-')));
  assert.deepEqual(handles.decode(earlier), receipts);
});

test('other texts are no handles', () => {
  const [handle = ''] = handles.encode(receipts);
  for (const text of ['', 'x', handle.slice(1), `${handle}=`, `${handle}A`, handle.replace('==', '=')]) {
    assert.deepEqual(handles.decode([text]), [undefined], text);
  }
});
