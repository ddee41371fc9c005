import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hasErrorCode, reasonOf } from '../../support/errno.ts';
import { ConnectionLostError, KafkaSetupError } from './errors.ts';
import { kafkaLimits } from './limits.ts';
import type { KafkaTls } from './security.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function addressName({ host, port }: Address): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** What a connection does with the bytes that arrive. */
export interface Receiver {
  /** Where the next ones may be put at once; undefined if they are to be given to `receive`. */
  room(): Buffer | undefined;
  /** So many bytes are now at the start of what `room` has returned last. */
  filled(length: number): void;
  /** The memory of the bytes is used again when it returns. */
  receive(bytes: Buffer): void;
}

/**
 * Opens a connection, with TLS if it is configured. Throws ConnectionLostError, or KafkaSetupError for what TLS refuses.
 */
export async function openSocket(
  address: Address,
  tls: KafkaTls | undefined,
  receiver: Receiver,
): Promise<Socket> {
  const socket = tls === undefined ? plain(address, receiver) : await secure(address, tls, receiver);
  socket.setNoDelay(true);
  socket.setTimeout(kafkaLimits.connectMs);
  let isConnected = false;
  socket.once('connect', () => {
    isConnected = true;
  });
  const listening = new AbortController();
  try {
    await opened(socket, tls === undefined ? 'connect' : 'secureConnect', listening.signal);
  } catch (error) {
    socket.destroy();
    const what = `cannot connect to Kafka at ${addressName(address)}: ${reasonOf(error)}`;
    const isRefusedByTls = isConnected && error instanceof Error && 'code' in error;
    if (isRefusedByTls && !hasErrorCode(error, 'ECONNRESET', 'EPIPE', 'ETIMEDOUT')) {
      throw new KafkaSetupError(what, { cause: error });
    }
    throw new ConnectionLostError(what, { cause: error });
  }
  socket.setTimeout(0);
  listening.abort();
  return socket;
}

/** Never reads into new memory: that of the pieces of a large response would keep the garbage collector busy. */
function plain({ host, port }: Address, receiver: Receiver): Socket {
  const common = Buffer.allocUnsafeSlow(kafkaLimits.readBytes);
  let room: Buffer | undefined;
  const buffer = (): Buffer => (room = receiver.room()) ?? common;
  const callback = (length: number): boolean => {
    if (room === undefined) receiver.receive(common.subarray(0, length));
    else receiver.filled(length);
    return true;
  };
  return connect({ host, port, onread: { buffer, callback } });
}

async function secure({ host, port }: Address, tls: KafkaTls, receiver: Receiver): Promise<Socket> {
  const servername = isIP(host) === 0 ? host : undefined;
  const socket = connectTls({ host, port, ...(servername && { servername }), ...(await pems(tls)) });
  socket.on('data', (bytes) => receiver.receive(bytes));
  return socket;
}

/** Listens until the signal aborts, so that an error before the caller listens is not lost. */
function opened(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const listeners = {
      [event]: resolve,
      error: reject,
      close: () => reject(new Error('it was closed')),
      timeout: () => reject(new Error('it does not answer')),
    };
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener);
    signal.addEventListener('abort', () => {
      for (const [name, listener] of Object.entries(listeners)) socket.off(name, listener);
    });
  });
}

async function pems({ caFile, certFile, keyFile }: KafkaTls): Promise<{
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
}> {
  const [ca, cert, key] = await Promise.all([caFile, certFile, keyFile].map(pem));
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

async function pem(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file);
  } catch (error) {
    throw new KafkaSetupError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}
