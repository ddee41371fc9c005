import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer } from './message.ts';

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;
const NOBODY: Peer = { address: '', tls: undefined };

/** Looked up once for each connection: it is the same for all of its requests. */
const known = new WeakMap<Socket, Peer>();

export function peerOf(socket: Socket | undefined): Peer {
  if (socket === undefined) return NOBODY;
  const peer = known.get(socket);
  if (peer !== undefined) return peer;
  const found = lookUp(socket);
  if (found.address !== '') known.set(socket, found);
  return found;
}

function lookUp(socket: Socket): Peer {
  const address = addressOf(socket);
  if (!(socket instanceof TLSSocket)) return { address, tls: undefined };
  const { standardName } = socket.getCipher();
  return { address, tls: { version: socket.getProtocol() ?? '', cipher: standardName } };
}

/** Without the prefix of an IPv4 address within IPv6; empty once the socket is closed. */
export function addressOf({ remoteAddress = '' }: Socket): string {
  return withoutMapping(remoteAddress);
}

/** `192.0.2.1` of `::ffff:192.0.2.1`. */
export function withoutMapping(address: string): string {
  return address.replace(MAPPED_IPV4, '');
}
