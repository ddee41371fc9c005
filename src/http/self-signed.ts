import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { selfSignedCertificate } from '../support/x509.ts';
import { makeDurableFolder } from '../support/make-folder.ts';

export interface Certificate {
  /** Key and certificate are PEM. */
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 825;
/** A certificate that expires sooner than this is renewed at start. */
const RENEW_DAYS = 30;

/**
 * Returns the certificate in `folder` (`server.crt`, and `server.key` with mode 0600). It is made at the first start,
 * and renewed before it expires or when a host is missing from it.
 */
export async function ownCertificate(
  folder: string,
  hosts: readonly string[],
  nowMs: number,
): Promise<Certificate> {
  const known = await readCertificate(folder);
  if (known !== undefined && isGood(known, hosts, nowMs)) return known;
  const made = selfSigned(hosts, nowMs);
  await makeDurableFolder(folder);
  await replaceFile(join(folder, 'server.key'), made.key, 0o600);
  await replaceFile(join(folder, 'server.crt'), made.cert, 0o600);
  return made;
}

async function readCertificate(folder: string): Promise<Certificate | undefined> {
  try {
    const [key, cert] = await Promise.all([
      readFile(join(folder, 'server.key'), 'utf8'),
      readFile(join(folder, 'server.crt'), 'utf8'),
    ]);
    return { key, cert };
  } catch {
    return undefined;
  }
}

function isGood({ cert }: Certificate, hosts: readonly string[], nowMs: number): boolean {
  try {
    const parsed = new X509Certificate(cert);
    if (Date.parse(parsed.validTo) < nowMs + RENEW_DAYS * DAY_MS) return false;
    const names = new Set(parsed.subjectAltName?.split(', '));
    return hosts.every((host) =>
      isAddress(host) ? parsed.checkIP(host) !== undefined : names.has(`DNS:${host}`),
    );
  } catch {
    return false;
  }
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await writeFile(`${path}.new`, text, { mode });
  await chmod(`${path}.new`, mode);
  await rename(`${path}.new`, path);
}

/**
 * Makes a P-256 key and a self-signed certificate (RFC 5280) for the given hosts and addresses. It is its own
 * authority: clients trust it when they are given the file (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS).
 */
export function selfSigned(hosts: readonly string[], nowMs: number): Certificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const cert = selfSignedCertificate({
    privateKey,
    commonName: 'nagare',
    alternativeNames: hosts,
    // Backdated, so that a client whose clock is a little behind accepts a new certificate.
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + VALID_DAYS * DAY_MS,
  });
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert };
}

function isAddress(host: string): boolean {
  return isIPv4(host) || isIPv6(host);
}
