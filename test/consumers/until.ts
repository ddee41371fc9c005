import assert from 'node:assert/strict';

const QUICK_TURNS = 200;

/**
 * Waits for what other tasks of this process bring about: looks again after each turn of the event loop, and after a
 * while less often, so that waiting for a timer does not take a core.
 */
export async function until(condition: () => boolean, withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let turn = 0; !condition(); turn++) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => (turn < QUICK_TURNS ? setImmediate(resolve) : setTimeout(resolve, 2)));
  }
}
