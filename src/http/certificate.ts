import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { ownCertificate, type Certificate } from './self-signed.ts';
import { UserError } from '../errors.ts';
import { reasonOf } from '../support/errno.ts';

/** The configured certificate or key cannot be used; the message names the file. */
export class CertificateError extends UserError {
  override readonly name = 'CertificateError';
}

/** Where the server keeps its self-signed certificate: clients have to trust `server.crt`. */
export function certificateFolder(dataDir: string): string {
  return join(dataDir, 'tls');
}

/** Returns the certificate from the configured files, or a self-signed one for the names of this machine. */
export async function certificateFor(
  { files }: { readonly files?: { readonly cert: string; readonly key: string } },
  folder: string,
  host: string,
): Promise<Certificate> {
  if (files === undefined) return await ownCertificate(folder, namesOf(host), Date.now());
  // Read one after the other: if both are unreadable, the certificate is always the one that is reported.
  const cert = await readPem(files.cert);
  const key = await readPem(files.key);
  // TLS takes an empty text as no certificate, and every handshake fails.
  for (const [path, pem] of [
    [files.cert, cert],
    [files.key, key],
  ] as const) {
    if (!pem.includes('-----BEGIN ')) throw new CertificateError(`${path} is not a PEM file`);
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CertificateError(
      `certificate ${files.cert} and key ${files.key} do not match or cannot be read: ${String(error)}`,
    );
  }
  return { cert, key };
}

/** The address itself, the names of the loopback, and the names that address a bucket by host. */
function namesOf(host: string): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', '*.localhost', host])];
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CertificateError(`${path} cannot be read: ${reasonOf(error)}`);
  }
}
