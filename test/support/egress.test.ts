import assert from 'node:assert/strict';
import type { lookup } from 'node:dns';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { Egress, parseEgressException, type EgressOptions } from '../../src/support/egress.ts';

const OWN_PORT = 4566;
const net = { netmask: '', mac: '', internal: false, cidr: null };

function egress(allowed: readonly string[] = [], options: Partial<EgressOptions> = {}): Egress {
  const exceptions = allowed.flatMap((text) => parseEgressException(text) ?? []);
  return new Egress({ allowed: exceptions, ownPort: () => OWN_PORT, refuseLoopback: false, ...options });
}

/** The code of the error of a GET, or the status. */
function get(url: string, by: Egress): Promise<string | number | undefined> {
  const agents = by.agents({});
  return new Promise((resolve) => {
    const sent = request(new URL(url), { agent: agents.http });
    sent.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    sent.end();
  });
}

async function target(t: TestContext): Promise<number> {
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.after(() => server.close());
  // It listens on a TCP port.
  return (server.address() as AddressInfo).port;
}

/** A resolver that knows one name, which has another address each time. */
function resolving(...addresses: readonly string[]): typeof lookup {
  let calls = 0;
  const answer = (_: string, __: object, callback: (error: null, found: object[]) => void) => {
    const address = addresses[Math.min(calls++, addresses.length - 1)] ?? '';
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  // Only the form that is used.
  return answer as unknown as typeof lookup;
}

// RFC 3927, RFC 4291 (2.5.6, 2.5.5), RFC 6052, RFC 3056; docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
for (const host of [
  '169.254.169.254',
  '169.254.0.1',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[fe80::1]',
  '[febf::1]',
  '[fd00:ec2::254]',
  '100.100.100.200',
  `127.0.0.1:${OWN_PORT}`,
  `127.1:${OWN_PORT}`,
  `localhost:${OWN_PORT}`,
  `[::1]:${OWN_PORT}`,
  `[::ffff:7f00:1]:${OWN_PORT}`,
  `0.0.0.0:${OWN_PORT}`,
]) {
  test(`${host} is refused`, async () => {
    assert.equal(await get(`http://${host}/`, egress()), 'EEGRESS');
  });
}

const networkInterfaces = () => ({
  eth0: [
    { ...net, address: '192.0.2.7', family: 'IPv4' as const },
    { ...net, address: '2001:db8::7', family: 'IPv6' as const, scopeid: 0 },
  ],
});

/** A server that listens on all addresses is reached by those of its interfaces, too. */
test('nagare itself is refused at each address of the machine, other ports and machines are not', () => {
  const by = egress([], { networkInterfaces, refuseLoopback: true });
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7', '2001:DB8:0::7']) {
    assert.throws(() => by.check(address, address, OWN_PORT), /it is nagare itself/);
    by.check(address, address, OWN_PORT + 1);
  }
  by.check('192.0.2.8', '192.0.2.8', OWN_PORT);
  egress(['192.0.2.7'], { networkInterfaces }).check('192.0.2.7', '192.0.2.7', OWN_PORT);
});

test('another port of this machine is allowed, as long as callers are not authenticated', async (t) => {
  const port = await target(t);
  assert.equal(await get(`http://127.0.0.1:${port}/`, egress()), 200);
  assert.equal(await get(`http://localhost:${port}/`, egress()), 200);
  const closed = { refuseLoopback: true };
  assert.equal(await get(`http://localhost:${port}/`, egress([], closed)), 'EEGRESS');
  assert.equal(await get(`http://localhost:${port}/`, egress([`localhost:${port}`], closed)), 200);
  assert.equal(await get(`http://127.0.0.1:${port}/`, egress(['127.0.0.0/8'], closed)), 200);
  assert.equal(
    await get(`http://127.0.0.1:${port}/`, egress([`127.0.0.0/8:${port + 1}`], closed)),
    'EEGRESS',
  );
});

test('nagare itself can be allowed', async (t) => {
  const port = await target(t);
  const own = { ownPort: () => port };
  assert.equal(await get(`http://127.0.0.1:${port}/`, egress([], own)), 'EEGRESS');
  assert.equal(await get(`http://127.0.0.1:${port}/`, egress([`127.0.0.1:${port}`], own)), 200);
});

// What was checked before and looked up again for the connection could have become another address in between.
test('a name is checked by the address of each connection', async (t) => {
  const port = await target(t);
  const by = egress([], { lookup: resolving('127.0.0.1', '169.254.169.254', 'fd00:ec2::254') });
  const url = `http://rebinding.example:${port}/`;
  assert.deepEqual([await get(url, by), await get(url, by), await get(url, by)], [200, 'EEGRESS', 'EEGRESS']);
});

test('a redirect followed by a client is checked like any other connection', async (t) => {
  const server = createServer((_, response) => {
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  t.after(() => server.close());
  // It listens on a TCP port.
  const { port } = server.address() as AddressInfo;
  assert.equal(await get(`http://127.0.0.1:${port}/`, egress()), 307);
  assert.equal(await get('http://169.254.169.254/latest/meta-data/', egress()), 'EEGRESS');
});

test('exceptions are hosts, addresses and ranges, with or without a port', () => {
  const forms: Readonly<Record<string, object>> = {
    'metadata.internal': { host: 'metadata.internal', prefix: undefined, port: undefined },
    '169.254.169.254:80': { host: '169.254.169.254', prefix: undefined, port: 80 },
    '169.254.0.0/16': { host: '169.254.0.0', prefix: 16, port: undefined },
    '169.254.0.0/16:80': { host: '169.254.0.0', prefix: 16, port: 80 },
    'fe80::/10': { host: 'fe80::', prefix: 10, port: undefined },
    '[fd00:ec2::254]:80': { host: 'fd00:ec2::254', prefix: undefined, port: 80 },
  };
  for (const [text, exception] of Object.entries(forms))
    assert.deepEqual(parseEgressException(text), exception);
  for (const wrong of ['', '*', 'a b', '1.2.3.4/33', 'fe80::/129', 'host:0', 'host:65536', 'http://host'])
    assert.equal(parseEgressException(wrong), undefined, wrong);
});
