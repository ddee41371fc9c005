import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { compileJq, JqRunError } from '../../../../src/delivery/processing/jq/jq.ts';
import { JqSyntaxError } from '../../../../src/delivery/processing/jq/tokens.ts';
import { type Json, toText } from '../../../../src/delivery/processing/jq/values.ts';

const limits = { stepsMax: 100_000, callDepthMax: 200 };

interface Recorded {
  readonly program: string;
  readonly input: string;
  readonly outcome: 'ok' | 'error' | 'no program';
  readonly outputs: readonly string[];
}

/** Written by record.ts, with jq 1.6. */
const recorded: readonly Recorded[] = readFileSync(new URL('expected.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

const run = (program: string, input: Json = null, nowMs = 0) => compileJq(program, limits).run(input, nowMs);

function outcome({ program, input }: Recorded): Pick<Recorded, 'outcome' | 'outputs'> {
  try {
    return { outcome: 'ok', outputs: run(program, JSON.parse(input) as Json).map(toText) };
  } catch (error) {
    if (error instanceof JqSyntaxError) return { outcome: 'no program', outputs: [] };
    if (error instanceof JqRunError) return { outcome: 'error', outputs: [] };
    throw error;
  }
}

test('programs answer as those of jq 1.6', () => {
  assert.ok(recorded.length > 200);
  for (const expected of recorded) {
    const outputs = expected.outcome === 'ok' ? expected.outputs : [];
    assert.deepEqual(outcome(expected), { outcome: expected.outcome, outputs }, expected.program);
  }
});

suite('a program that would not end', () => {
  for (const program of [
    'def f: f; f',
    'def f: ., f; f',
    'range(1e18)',
    'last(range(1e18))',
    '[range(1e18)]',
    'until(false; .)',
    '[repeat(1)]',
    '[recurse(.)]',
    'reduce range(60) as $i ([1]; . + .)',
    'reduce range(60) as $i ("ab"; . + .)',
    '"x" * 1e15',
    '[limit(1e18; repeat(1))] | length',
    'try (def f: f; f) catch "caught"',
    '(def f: f; f)?',
    '[1e8] | .[1e8] = 1',
    'while(true; . + 1)',
    '[range(1e5)] - [range(1e5)]',
    'def f(x): f(x | x); f(.)',
  ]) {
    test(`is stopped: ${program}`, { timeout: 120_000 }, () => {
      assert.throws(() => run(program), JqRunError);
    });
  }

  test('is stopped again for the next record, which has its own budget', () => {
    const compiled = compileJq('range(.)', { stepsMax: 1000, callDepthMax: 10 });
    assert.throws(() => compiled.run(1e9, 0), /takes more than 1000 steps/);
    assert.equal(compiled.run(400, 0).length, 400);
    assert.throws(() => compiled.run(1e9, 0), JqRunError);
    assert.equal(compiled.run(400, 0).length, 400);
  });
});

test('records that are nested too deeply for the stack are refused, and others are processed', () => {
  const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)) as Json;
  assert.throws(() => run('tojson', deep), JqRunError);
  assert.throws(() => run('def f: if type == "array" then .[0] | f else . end; f', deep), JqRunError);
  assert.deepEqual(run('flatten', [[1], [[2]]]), [[1, 2]]);
});

test('programs that are nested too deeply do not compile', () => {
  for (const program of [
    '('.repeat(2500) + ')'.repeat(2500),
    '.|'.repeat(2500) + '.',
    '-'.repeat(5000) + '1',
  ]) {
    assert.throws(() => compileJq(program, limits), JqSyntaxError, program.slice(0, 20));
  }
});

test('names of JavaScript’s own are names like others', () => {
  const input = JSON.parse('{"__proto__":{"a":1},"constructor":2}') as Json;
  assert.deepEqual(run('.__proto__.a, .constructor, .toString, has("valueOf")', input), [1, 2, null, false]);
  assert.deepEqual(run('{__proto__: 1} | keys'), [['__proto__']]);
  assert.equal(({} as Record<string, unknown>)['a'], undefined);
});

test('now is the time that it is given, so that a record has one outcome', () => {
  assert.deepEqual(run('now', null, 1_565_382_027_500), [1_565_382_027.5]);
  assert.deepEqual(run('now | todate', null, 1_565_382_027_500), ['2019-08-09T20:20:27Z']);
});

test('what reaches outside of a record is refused by name', () => {
  for (const name of ['input', 'inputs', 'debug', 'env', 'halt', 'input_filename']) {
    assert.throws(() => compileJq(name, limits), { message: `${name}/0 is not supported` });
  }
  assert.throws(() => compileJq('$ENV', limits), { message: '$ENV is not defined' });
  assert.throws(() => compileJq('import "a" as a; .', limits), JqSyntaxError);
});
