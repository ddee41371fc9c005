import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ServerCertificate } from './server.ts';
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

/** Paths of PEM files. */
export interface CertificateFiles {
  /** Without them, the certificate is self-signed. */
  readonly files?: { readonly cert: string; readonly key: string };
  /** Authorities that sign the certificates of clients. */
  readonly clientCa?: string;
}

/**
 * Returns the certificate from the configured files, or a self-signed one for the names of this machine, and the
 * authorities of clients. Throws CertificateError.
 */
export async function certificateFor(
  { files, clientCa }: CertificateFiles,
  folder: string,
  host: string,
): Promise<ServerCertificate> {
  const certificate =
    files === undefined
      ? await ownCertificate(folder, namesOf(host), Date.now())
      : await certificateOf(files);
  return clientCa === undefined ? certificate : { ...certificate, clientCa: await authoritiesOf(clientCa) };
}

async function certificateOf(files: NonNullable<CertificateFiles['files']>): Promise<Certificate> {
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

/** Node takes a text without a certificate as no authority at all, and would refuse every client. */
async function authoritiesOf(path: string): Promise<string> {
  const pem = await readPem(path);
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) void new X509Certificate(block).subject;
  } catch (error) {
    throw new CertificateError(`${path} has a certificate that cannot be read: ${String(error)}`);
  }
  if (blocks.length === 0) throw new CertificateError(`${path} has no certificate in PEM form`);
  return pem;
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
