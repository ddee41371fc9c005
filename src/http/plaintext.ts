import type { Socket } from 'node:net';
import { isLoopbackAddress } from '../support/loopback.ts';
import { httpLimits } from './limits.ts';

/** A connection to one of the machine's own addresses has that address at both ends. */
export function isFromThisMachine({
  remoteAddress = '',
  localAddress,
}: Pick<Socket, 'remoteAddress' | 'localAddress'>): boolean {
  return remoteAddress === localAddress || isLoopbackAddress(remoteAddress);
}

const NEEDS_TLS = 'This server accepts requests from other machines over TLS only: use https.\n';

/** Answers a request without TLS before it is read. */
export function refusePlaintext(socket: Socket): undefined {
  socket.end(
    `HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${NEEDS_TLS.length}\r\n\r\n${NEEDS_TLS}`,
  );
  const late = setTimeout(() => socket.destroy(), httpLimits.lingerMs);
  socket.once('close', () => clearTimeout(late));
  socket.on('error', () => socket.destroy());
}
