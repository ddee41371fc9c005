import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, stepsOf } from './page.ts';

test('a page consists of files to write, commands to run and their output', () => {
  const page = [
    '`a.py`:',
    '',
    '```python',
    'print(1)',
    '```',
    '',
    '<!-- test: repeat -->',
    '```sh',
    'python3 a.py',
    '```',
    '',
    '```text',
    '1',
    '```',
    '',
    '<!-- test: stop -->',
    '<!-- test: skip, needs root -->',
    '```sh',
    'reboot',
    '```',
    '',
    '```sh',
    'nagare start --tls',
    '```',
    '',
    '```js',
    'only shown',
    '```',
  ];
  assert.deepEqual(stepsOf(page.join('\n')), [
    { kind: 'file', name: 'a.py', content: 'print(1)\n', line: 3 },
    { kind: 'command', script: 'python3 a.py\n', expected: '1\n', repeated: true, line: 8 },
    { kind: 'stop', line: 16 },
    { kind: 'server', script: 'nagare start --tls\n', repeated: false, line: 22 },
  ]);
});

test("output matches the page's text, with dots as wildcards", () => {
  assert.ok(matches('\u001B[0ma (1) b\n', 'a (1) b\n'));
  assert.ok(matches('a 1\n2 b', 'a ... b'));
  assert.ok(!matches('a b c', 'a b'));
  assert.ok(!matches('axb', 'a.b'));
});
