import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';

export interface Certificate {
  /** PEM, both. */
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 825;
/** A certificate that ends sooner than this is made anew at start. */
const RENEW_DAYS = 30;

/**
 * The certificate of `folder` (`server.crt`, `server.key` with mode 0600), made at the first start and again before
 * it ends or when a host is missing from it.
 */
export async function ownCertificate(
  folder: string,
  hosts: readonly string[],
  nowMs: number,
): Promise<Certificate> {
  const known = await readCertificate(folder);
  if (known !== undefined && isGood(known, hosts, nowMs)) return known;
  const made = selfSigned(hosts, nowMs);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await replaceFile(join(folder, 'server.key'), made.key, 0o600);
  await replaceFile(join(folder, 'server.crt'), made.cert, 0o644);
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
 * A key on P-256 and a certificate (RFC 5280) that it signed itself, for the hosts and addresses given. It is its own
 * authority: a client trusts it by being given the file (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS).
 */
export function selfSigned(hosts: readonly string[], nowMs: number): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8String('nagare'))));
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serialNumber()),
    algorithm,
    name,
    // A clock that is a little behind shall not refuse a new certificate.
    sequence(time(nowMs - DAY_MS), time(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(hosts))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const der = sequence(toBeSigned, algorithm, bitString(signature));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(der) };
}

function extensions(hosts: readonly string[]): Buffer[] {
  const names = hosts.map((host) =>
    isAddress(host) ? tagged(0x87, addressBytes(host)) : tagged(0x82, Buffer.from(host, 'latin1')),
  );
  const critical = tagged(0x01, Buffer.from([0xff]));
  return [
    // Basic constraints: an authority, of nothing but itself. Key usage: signatures, and certificates.
    sequence(oid('2.5.29.19'), critical, octets(sequence(critical, integer(Buffer.from([0]))))),
    sequence(oid('2.5.29.15'), critical, octets(tagged(0x03, Buffer.from([2, 0x84])))),
    sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1')))),
    sequence(oid('2.5.29.17'), octets(sequence(...names))),
  ];
}

function isAddress(host: string): boolean {
  return isIPv4(host) || isIPv6(host);
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');

  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16));
}

/** Positive, and not longer than 20 bytes. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

// DER (X.690): tag, length, content.

function tagged(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function explicit(number: number, content: Uint8Array): Buffer {
  return tagged(0xa0 | number, content);
}

function integer(bytes: Uint8Array): Buffer {
  return tagged(0x02, bytes);
}

function octets(content: Uint8Array): Buffer {
  return tagged(0x04, content);
}

function bitString(content: Uint8Array): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 127];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 127) | 128);
    bytes.push(...septets);
  }
  return tagged(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 says. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return Number(digits.slice(0, 4)) < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2)))
    : tagged(0x18, Buffer.from(digits));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
