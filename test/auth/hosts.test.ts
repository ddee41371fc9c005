import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServedHosts } from '../../src/auth/hosts.ts';

const hosts = new ServedHosts('127.0.0.1', ['nagare.example', '192.0.2.7', '2001:db8::7']);

describe('accepted hosts', () => {
  for (const host of [
    'localhost',
    'localhost:4566',
    'LOCALHOST:80',
    'localhost.',
    'localhost.:4566',
    'localhost:',
    '127.0.0.1',
    '127.0.0.1:65535',
    '127.255.1.2:1',
    '[::1]',
    '[::1]:4566',
    '[0:0:0:0:0:0:0:1]:4566',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]:4566',
    's3.localhost',
    's3.us-east-1.localhost:4566',
    's3.amazonaws.com',
    's3.eu-west-1.amazonaws.com',
    'nagare.example',
    'Nagare.Example.:4566',
    '192.0.2.7:4566',
    '[2001:db8::7]:4566',
  ]) {
    it(host, () => assert.deepEqual(hosts.find(host), { bucket: undefined }));
  }

  for (const [host, bucket] of [
    ['my-bucket.localhost:4566', 'my-bucket'],
    ['my.bucket.localhost', 'my.bucket'],
    ['My-Bucket.LocalHost.', 'my-bucket'],
    ['my-bucket.s3.localhost:4566', 'my-bucket'],
    ['my-bucket.s3.us-east-1.localhost:4566', 'my-bucket'],
    ['my.bucket.s3.us-east-1.amazonaws.com', 'my.bucket'],
    ['my-bucket.s3-eu-west-1.amazonaws.com', 'my-bucket'],
    ['my-bucket.s3-accelerate.amazonaws.com', 'my-bucket'],
    ['my-bucket.s3-fips.dualstack.us-gov-west-1.amazonaws.com', 'my-bucket'],
    ['my-bucket.s3.dualstack.eu-west-1.amazonaws.com:443', 'my-bucket'],
    ['my-bucket.s3.cn-north-1.amazonaws.com.cn', 'my-bucket'],
    ['my-bucket.nagare.example', 'my-bucket'],
    ['my-bucket.s3.nagare.example', 'my-bucket'],
  ] as const) {
    it(`${host}: the bucket ${bucket}`, () => assert.deepEqual(hosts.find(host), { bucket }));
  }
});

describe('refused hosts', () => {
  for (const host of [
    '',
    ':4566',
    '.',
    'x',
    'evil.example',
    'evil.example:4566',
    // Names that whoever has the domain lets resolve to 127.0.0.1.
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'bucket.s3.evil.example',
    's3.evil.example',
    'evil-nagare.example',
    'notlocalhost',
    's3.amazonaws.com.evil.example',
    'bucket.s3.evil.example.amazonaws.com.',
    'ec2-192-0-2-1.compute-1.amazonaws.com',
    'evils3.amazonaws.com',
    's3-evil-1234.us-east-1.elb.amazonaws.com',
    // No hosts, or not as browsers and clients send them.
    'user@127.0.0.1',
    'evil.example@localhost:4566',
    'localhost@evil.example',
    'localhost..',
    'a..localhost',
    '.localhost',
    '-.localhost',
    'localhost:abc',
    'localhost:99999',
    'localhost:123456',
    'localhost:80:80',
    'localhost/',
    'localhost#',
    'localhost localhost',
    'localhost, evil.example',
    '::1',
    '[::1',
    '[::1]x',
    '[localhost]',
    '[127.0.0.1]',
    '[::1%lo]',
    '[::1%25lo]',
    // Other addresses, in every form.
    '0.0.0.0',
    '10.0.0.1',
    '128.0.0.1',
    '169.254.169.254',
    '[::]',
    '[::ffff:10.0.0.1]',
    '[fe80::1]',
    '[::127.0.0.1]',
    '127.1',
    '127.0.0.01',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.0.0.1.2',
    '127.0.0.256',
    'b.127.0.0.1',
    'b.192.0.2.7',
    'loc\u0430lhost',
  ]) {
    it(JSON.stringify(host), () => assert.equal(hosts.find(host), undefined));
  }
});

it('caches a bounded number of hosts, and still refuses the same ones after evictions', () => {
  const own = new ServedHosts('127.0.0.1', []);
  for (let i = 0; i < 5000; i++) assert.deepEqual(own.find(`b${i}.localhost`), { bucket: `b${i}` });
  assert.equal(own.find('b1.evil.example'), undefined);
  assert.deepEqual(own.find('b1.localhost'), { bucket: 'b1' });
});
