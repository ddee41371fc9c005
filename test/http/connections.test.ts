import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Connections } from '../../src/http/connections.ts';

/** A connection from an address of another machine, which no test can open. */
function from(remoteAddress: string): Socket {
  // Connections only reads the address and waits for `close`.
  return Object.assign(new EventEmitter(), { remoteAddress }) as Partial<Socket> as Socket;
}

test('an address may have so many connections, until one of them is closed', () => {
  const connections = new Connections(1000);
  const open = (address: string): Socket | undefined => {
    const socket = from(address);
    if (connections.isTooMany(socket, 2)) return undefined;
    connections.accepted(socket);
    return socket;
  };
  const first = open('192.0.2.1');
  assert.ok(open('::ffff:192.0.2.1'));
  assert.equal(open('192.0.2.1'), undefined);
  assert.ok(open('192.0.2.2'));
  first?.emit('close');
  assert.ok(open('192.0.2.1'));
  assert.equal(open('192.0.2.1'), undefined);
});

test('loopback addresses, and servers without a limit, have no limit of connections', () => {
  const connections = new Connections(1000);
  for (let n = 0; n < 10; n++) connections.accepted(from('127.0.0.1'));
  assert.equal(connections.isTooMany(from('127.0.0.1'), 2), false);
  for (let n = 0; n < 10; n++) connections.accepted(from('192.0.2.1'));
  assert.equal(connections.isTooMany(from('192.0.2.1'), 0), false);
});
