import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

export interface CertificateRequest {
  /** RSA, or EC on P-256. */
  readonly privateKey: KeyObject;
  readonly commonName: string;
  /** Host names and IP addresses of the server; empty for a certificate that no server uses. */
  readonly alternativeNames?: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const SERIAL_BYTES = 16;

/**
 * Returns a self-signed X.509 certificate (RFC 5280, version 3, SHA-256) as PEM. node:crypto reads certificates but
 * cannot make them.
 */
export function selfSignedCertificate(request: CertificateRequest): string {
  const { privateKey, commonName, alternativeNames = [] } = request;
  const algorithm = signatureAlgorithm(privateKey);
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8(commonName))));
  const content = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(randomBytes(SERIAL_BYTES)),
    algorithm,
    name,
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    tagged(3, sequence(...extensions(alternativeNames))),
  );
  const signature = sign('sha256', content, privateKey);
  const certificate = sequence(content, algorithm, bitString(signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'rsa') return sequence(objectId('1.2.840.113549.1.1.11'), der(0x05));
  if (asymmetricKeyType === 'ec') return sequence(objectId('1.2.840.10045.4.3.2'));
  throw new TypeError(`keys of type ${String(asymmetricKeyType)} are not supported for certificates`);
}

/** The extensions of a certificate authority that has signed only itself, so that clients can trust it directly. */
function extensions(hosts: readonly string[]): Buffer[] {
  const yes = der(0x01, Buffer.from([0xff]));
  const authority = [
    // Basic constraints: no intermediates. Key usage: digital signatures and certificate signing.
    sequence(objectId('2.5.29.19'), yes, octets(sequence(yes, integer(Buffer.from([0]))))),
    sequence(objectId('2.5.29.15'), yes, octets(der(0x03, Buffer.from([2, 0x84])))),
  ];
  if (hosts.length === 0) return authority;
  const names = hosts.map((host) =>
    isIPv4(host) || isIPv6(host) ? der(0x87, addressBytes(host)) : der(0x82, Buffer.from(host, 'latin1')),
  );
  return [
    ...authority,
    // Extended key usage: TLS servers. Subject alternative names.
    sequence(objectId('2.5.29.37'), octets(sequence(objectId('1.3.6.1.5.5.7.3.1')))),
    sequence(objectId('2.5.29.17'), octets(sequence(...names))),
  ];
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const before = hexGroups(head);
  const after = hexGroups(tail);
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function hexGroups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** Distinguished encoding rules (X.690): tag, length, content. */
function der(tag: number, content: Uint8Array = Buffer.alloc(0)): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), content]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: Uint8Array[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

function tagged(number: number, content: Uint8Array): Buffer {
  return der(0xa0 | number, content);
}

/** A positive integer, most significant byte first. */
function integer(bytes: Buffer): Buffer {
  const significant = bytes.subarray(
    Math.max(
      bytes.findIndex((byte) => byte !== 0),
      0,
    ),
  );
  const isNegative = ((significant[0] ?? 0) & 0x80) !== 0;
  return der(0x02, isNegative ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}

function octets(content: Uint8Array): Buffer {
  return der(0x04, content);
}

function bitString(content: Uint8Array): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function utf8(text: string): Buffer {
  return der(0x0c, Buffer.from(text));
}

/** RFC 5280 requires UTCTime up to 2049 and GeneralizedTime after that. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return ms < Date.UTC(2050, 0) ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left % 128) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}
