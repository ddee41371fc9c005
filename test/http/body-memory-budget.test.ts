import assert from 'node:assert/strict';
import { test } from 'node:test';

import { BodyMemoryBudget } from '../../src/http/body-memory-budget.ts';
import { type BodySource, collectBody } from '../../src/http/body.ts';
import { MemoryBudgetError } from '../../src/http/message.ts';

function bodyOf(text: string): BodySource {
  return {
    ended: true,
    cut: false,
    read(sink) {
      sink.data(Buffer.from(text));
      sink.end();
    },
    pause() {},
    resume() {},
  };
}

test('a body for which there is no memory is refused, and leaves memory to others', async () => {
  const room = new BodyMemoryBudget(10);
  const [first, second, third] = [room.share(), room.share(), room.share()];
  assert.equal((await collectBody(bodyOf('123456'), 6, 100, first)).bytes.toString(), '123456');
  // By its declared length before a byte of it, and one without a length as it arrives.
  await assert.rejects(collectBody(bodyOf('12345'), 5, 100, second), MemoryBudgetError);
  await assert.rejects(collectBody(bodyOf('12345'), undefined, 100, second), MemoryBudgetError);
  assert.equal((await collectBody(bodyOf('1234'), 4, 100, third)).bytes.toString(), '1234');
  first.free();
  assert.equal((await collectBody(bodyOf('12345'), 5, 100, second)).bytes.toString(), '12345');
});
