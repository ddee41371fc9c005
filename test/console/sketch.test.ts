import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeySketch } from '../../src/console/sketch.ts';
import { seededRandom } from '../support/random.ts';

test('the sketch finds the frequent keys among a million others in bounded memory', () => {
  const random = seededRandom(5);
  const sketch = new KeySketch();
  for (let at = 0; at < 200_000; at++) {
    const turn = random();
    if (turn < 0.3) sketch.add('hot');
    else if (turn < 0.4) sketch.add('warm');
    else sketch.add(`cold-${Math.floor(random() * 1e6)}`);
  }
  const [first, second] = sketch.top();
  assert.equal(first?.key, 'hot');
  assert.ok(Math.abs(first.share - 0.3) < 0.01, `share ${first.share}`);
  assert.equal(second?.key, 'warm');
  assert.ok(Math.abs(second.share - 0.1) < 0.01, `share ${second.share}`);
});
