import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrustedProxies } from '../../src/http/trusted-proxies.ts';

const proxies = new TrustedProxies(['192.0.2.1', '198.51.100.0/24', '2001:db8::/64']);
const peer = (address: string) => ({ address, tls: undefined });
const sender = (address: string, forwarded?: string | string[]): string =>
  proxies.senderOf(peer(address), forwarded).address;

test('the last address that is no trusted proxy is the sender', () => {
  for (const [forwarded, expected] of [
    ['203.0.113.7', '203.0.113.7'],
    ['10.0.0.1, 203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, 198.51.100.9', '203.0.113.7'],
    ['203.0.113.7,192.0.2.1 ,198.51.100.9', '203.0.113.7'],
    ['198.51.100.8, 198.51.100.9', '198.51.100.8'],
    ['203.0.113.7:4711', '203.0.113.7'],
    ['[2001:db8:1::1]:4711', '2001:db8:1::1'],
    ['[2001:db8:1::1]', '2001:db8:1::1'],
    ['2001:db8:1::1, 2001:db8::5', '2001:db8:1::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ] as const) {
    assert.equal(sender('192.0.2.1', forwarded), expected, forwarded);
  }
  assert.equal(sender('192.0.2.1', ['10.0.0.1', '203.0.113.7']), '203.0.113.7');
});

test('another peer is believed nothing, nor a trusted one without an address', () => {
  assert.equal(sender('203.0.113.9', '203.0.113.7'), '203.0.113.9');
  assert.equal(sender('192.0.2.1'), '192.0.2.1');
  for (const forwarded of [
    '',
    'unknown',
    '_hidden',
    '203.0.113.7, unknown',
    '203.0.113.7, ',
    '1.2.3',
    "' OR 1=1",
  ]) {
    assert.equal(sender('192.0.2.1', forwarded), '192.0.2.1', forwarded);
  }
  // What comes before something else is a claim of nobody in particular.
  assert.equal(sender('192.0.2.1', '203.0.113.7, unknown, 198.51.100.9'), '198.51.100.9');
});
