import { createPublicKey, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface CertificateRequest {
  /** RSA, or EC on P-256. */
  readonly privateKey: KeyObject;
  readonly commonName: string;
  /** Host names and IPv4 addresses that it is for. */
  readonly alternativeNames?: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * A self-signed X.509 certificate (RFC 5280, version 3, SHA-256) as PEM. node:crypto reads certificates and makes
 * none.
 */
export function selfSignedCertificate(request: CertificateRequest): string {
  const { privateKey, commonName, alternativeNames = [] } = request;
  const algorithm = signatureAlgorithm(privateKey);
  const name = sequence(set(sequence(objectId('2.5.4.3'), utf8(commonName))));
  const content = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(randomBytes(16)),
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
  throw new TypeError(`no certificates over keys of type ${String(asymmetricKeyType)}`);
}

/** It may be trusted as its own authority (basicConstraints), and says whom it is for (subjectAltName). */
function extensions(alternativeNames: readonly string[]): Buffer[] {
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  const basic = sequence(objectId('2.5.29.19'), der(0x01, Buffer.from([0xff])), octets(isAuthority));
  if (alternativeNames.length === 0) return [basic];
  const names = alternativeNames.map((name) =>
    isIPv4(name)
      ? der(0x87, Buffer.from(name.split('.').map(Number)))
      : der(0x82, Buffer.from(name, 'ascii')),
  );
  return [basic, sequence(objectId('2.5.29.17'), octets(sequence(...names)))];
}

/** Distinguished encoding (X.690): tag, length, content. */
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

/** RFC 5280 wants UTCTime up to 2049 and GeneralizedTime after. */
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
