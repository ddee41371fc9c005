import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lifecycle } from '../../src/support/lifecycle.ts';

function recording(events: string[], name: string, failure?: Error) {
  return {
    async close() {
      events.push(`${name} stops`);
      await Promise.resolve();
      events.push(`${name} has stopped`);
      if (failure !== undefined) throw failure;
    },
  };
}

test('callers stop first, then the listener, then what is called; each kind in reverse, one after another', async () => {
  const events: string[] = [];
  const parts = new Lifecycle();
  parts.door(recording(events, 'door'));
  parts.called(recording(events, 'engine'));
  parts.called(recording(events, 'streams'));
  parts.caller(recording(events, 'functions'));
  parts.caller(recording(events, 'logs'));
  await parts.close();
  assert.deepEqual(
    events.filter((event) => event.endsWith(' stops')),
    ['logs stops', 'functions stops', 'door stops', 'streams stops', 'engine stops'],
  );
  for (const [index, event] of events.entries()) {
    if (index % 2 === 0) assert.equal(events[index + 1], event.replace(' stops', ' has stopped'));
  }
});

test('a part that fails to stop does not keep others running, and its error is reported', async () => {
  const events: string[] = [];
  const parts = new Lifecycle();
  parts.called(recording(events, 'engine'));
  parts.called(recording(events, 'streams', new Error('stuck')));
  await assert.rejects(parts.close(), { message: 'stuck' });
  assert.ok(events.includes('engine has stopped'));
});

test('closing twice stops once', async () => {
  const events: string[] = [];
  const parts = new Lifecycle();
  parts.called(recording(events, 'engine'));
  await Promise.all([parts.close(), parts.close()]);
  assert.equal(events.length, 2);
});
