import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import type { ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSecureContext, getCACertificates } from 'node:tls';
import { reasonOf } from '../../support/errno.ts';
import { CommandError, exitCodes, usageError } from '../terminal.ts';

/** Files for TLS connections, as the user names them. */
export interface TlsFiles {
  /** Authorities that are trusted in addition to those of Node. */
  readonly caBundle?: string | undefined;
  /** What servers with `--tls-client-ca` want to see; it may have the key as well. */
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** Writes once the server is known to speak TLS: the error of a write does not say what is wrong with the connection. */
export class TlsAgent extends Agent {
  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const socket = super.createConnection(options);
    if (!socket) throw new Error('an agent of TLS always makes a socket');
    const failed = (error: Error): void => callback?.(error, socket);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.removeListener('error', failed);
      callback?.(null, socket);
    });
  }
}

/** How connections are made with these files; undefined without any. Rejects with CommandError. */
export async function tlsAgent({
  caBundle,
  clientCert,
  clientKey = clientCert,
}: TlsFiles): Promise<TlsAgent | undefined> {
  if (clientCert === undefined && clientKey !== undefined) {
    throw usageError('--client-key needs the certificate: --client-cert FILE');
  }
  if (caBundle === undefined && clientCert === undefined) return undefined;
  const [ca, cert, key] = await Promise.all([caBundle, clientCert, clientKey].map(pem));
  const certificate = { cert, key };
  try {
    createSecureContext(certificate);
  } catch (error) {
    const files = clientCert === clientKey ? clientCert : `${clientCert} with the key ${clientKey}`;
    throw new CommandError(`the client certificate ${files} cannot be used`, { why: reasonOf(error) });
  }
  return new TlsAgent({
    keepAlive: true,
    ...certificate,
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
  });
}

async function pem(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, { exitCode: exitCodes.failed });
  }
}
