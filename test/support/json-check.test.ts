import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidJsonAt } from '../../src/support/json-check.ts';
import { processorMsOf } from './processor-time.ts';
import { runSeed, seededPick } from './random.ts';

const check = (text: string): number | undefined => invalidJsonAt(Buffer.from(text));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const texts = [
  '{"a":[1,-0,2.5e+3,0.1E-7,true,false,null,"x\\u00e9\\"\\\\é😀"],"":{"b":[]}, "c" : {} }',
  ' [ [ [ ] , { } ] , [ 0 ] ] ',
  '"text"',
  '-12.5e3',
  'null',
];

test('says of texts what JSON.parse says', () => {
  const wrong = [
    '',
    ' ',
    '[',
    '{',
    ']',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '[1,]',
    '{"a":1,}',
    '[,1]',
    '01',
    '-',
    '1.',
    '.5',
  ];
  const more = [
    '1e',
    '+1',
    'NaN',
    'nul',
    'nulL',
    '"\\x"',
    '"\\u12g4"',
    '"a\nb"',
    '"',
    '[1 2]',
    '1 2',
    '{"a":1]',
    '[1}',
  ];
  for (const text of [...texts, ...wrong, ...more, '\ufeff1', '1\u00a0', '"\u007f"', '\u00a01']) {
    assert.equal(check(text) === undefined, isJson(text), text);
  }
});

test('says of changed texts what JSON.parse says', () => {
  const seed = runSeed();
  console.log(`SEED=${seed}`);
  const pick = seededPick(seed);
  const letters = '{}[]",:\\ 019-+.eEtrufalsn\n\u0001é';
  let valid = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = texts[Math.floor(pick(texts.length))] ?? '';
    for (let changes = 1 + Math.floor(pick(2)); changes > 0; changes--) {
      const at = Math.floor(pick(text.length + 1));
      const letter = letters[Math.floor(pick(letters.length))] ?? '';
      text = text.slice(0, at) + (pick(2) < 1 ? letter : '') + text.slice(at + Math.floor(pick(2)));
    }
    assert.equal(check(text) === undefined, isJson(text), JSON.stringify(text));
    if (isJson(text)) valid++;
  }
  assert.ok(valid > 500, `${valid} of the texts were valid`);
});

test('says where a text begins to be wrong', () => {
  assert.equal(check('{"a": x}'), 6);
  assert.equal(check('[1, 2'), 5);
  assert.equal(check('{"a":1} x'), 8);
});

/** JSON.parse took seconds for a payload of 6 MB with different names, and every other request waited. */
test('takes about as long for different names as for one', async () => {
  const names = Array.from({ length: 200_000 }, (_, n) => `"n${n}":1`);
  const different = Buffer.from(`{${names.join(',')}}`);
  const same = Buffer.from(`{${names.fill('"n99999":1').join(',')}}`);
  const differentMs = await leastMsOf(() => invalidJsonAt(different));
  const sameMs = await leastMsOf(() => invalidJsonAt(same));
  assert.ok(differentMs < 4 * sameMs, `${differentMs} ms, and for one name ${sameMs} ms`);
  assert.equal(check('['.repeat(1_000_000)), 1_000_000);
  assert.equal(check('['.repeat(1_000_000) + ']'.repeat(1_000_000)), undefined);
});

/** Of seven times: other work of the machine adds to a time, and never takes from it. */
async function leastMsOf(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) times.push(await processorMsOf(work));
  return Math.min(...times);
}
