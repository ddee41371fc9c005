import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageTokens } from '../../src/aws/page-token.ts';
import { ManualClock } from '../../src/support/clock.ts';

const invalid = () => new Error('invalid');
const items = ['a', 'b', 'c', 'd', 'e'];
const keyOf = (item: string): string => item;

test('pages follow each other without a gap, and the last one has no token', () => {
  const tokens = new PageTokens({ invalid });
  const first = tokens.pageOf('List', items, keyOf, 2, undefined);
  const second = tokens.pageOf('List', items, keyOf, 2, first.nextToken);
  const third = tokens.pageOf('List', items, keyOf, 2, second.nextToken);
  assert.deepEqual([first.items, second.items, third.items], [['a', 'b'], ['c', 'd'], ['e']]);
  assert.equal(third.nextToken, undefined);
});

test('tokens of another operation or key, and invalid tokens, are refused', () => {
  const tokens = new PageTokens({ invalid });
  const signed = new PageTokens({ invalid, key: Buffer.alloc(32, 1) });
  const token = tokens.encode('List', 'b');
  assert.throws(() => tokens.decode('Other', token), /invalid/);
  assert.throws(() => signed.decode('List', token), /invalid/);
  assert.throws(
    () => signed.decode('List', new PageTokens({ invalid, key: Buffer.alloc(32, 2) }).encode('List', 'b')),
    /invalid/,
  );
  for (const text of ['', 'x', 'bm9uZQ', '!!!', Buffer.from('null').toString('base64url')]) {
    assert.throws(() => tokens.decode('List', text), /invalid/);
    assert.throws(() => signed.decode('List', text), /invalid/);
  }
  assert.throws(() => tokens.pageOf('List', items, keyOf, 2, tokens.encode('List', 7)), /invalid/);
});

test('tokens begin with nothing that a command line takes for an option', () => {
  const tokens = new PageTokens({ invalid, key: Buffer.alloc(32, 1) });
  for (let page = 0; page < 1_000; page++) {
    const token = tokens.encode('List', page);
    assert.match(token, /^[A-Za-z0-9+/]/);
    const earlier = token.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    assert.equal(tokens.decode('List', earlier), page);
  }
});

test('a token with a life expires', () => {
  const clock = new ManualClock(1_000);
  const life = { ms: 100, clock, expired: (from: number, to: number) => new Error(`expired ${from} ${to}`) };
  const tokens = new PageTokens({ invalid, life });
  const token = tokens.encode('List', { after: 'b' });
  clock.advance(100);
  assert.deepEqual(tokens.decode('List', token), { after: 'b' });
  clock.advance(1);
  assert.throws(() => tokens.decode('List', token), /expired 1000 1101/);
});
