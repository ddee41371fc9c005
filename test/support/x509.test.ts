import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { selfSignedCertificate } from '../../src/support/x509.ts';

const notBeforeMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const notAfterMs = Date.UTC(2056, 0, 2, 3, 4, 5);

const keys = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'EC on P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

for (const [kind, { privateKey, publicKey }] of Object.entries(keys)) {
  test(`a certificate over an ${kind} key is one that node:crypto verifies`, () => {
    const pem = selfSignedCertificate({
      privateKey,
      commonName: 'nagare – 流れ',
      alternativeNames: ['localhost', '127.0.0.1', '2001:db8::1'],
      notBeforeMs,
      notAfterMs,
    });
    const certificate = new X509Certificate(pem);
    assert.ok(certificate.verify(publicKey));
    assert.equal(certificate.subject, 'CN=nagare – 流れ');
    assert.equal(certificate.issuer, certificate.subject);
    assert.equal(
      certificate.subjectAltName,
      'DNS:localhost, IP Address:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
    );
    assert.equal(Date.parse(certificate.validFrom), notBeforeMs);
    assert.equal(Date.parse(certificate.validTo), notAfterMs);
    assert.equal(certificate.checkHost('localhost'), 'localhost');
    assert.ok(certificate.ca);
  });
}

test('two certificates never have the same serial number', () => {
  const { privateKey } = keys['EC on P-256'];
  const serials = Array.from({ length: 100 }, () => {
    const pem = selfSignedCertificate({ privateKey, commonName: 'n', notBeforeMs, notAfterMs });
    return new X509Certificate(pem).serialNumber;
  });
  assert.equal(new Set(serials).size, 100);
});
