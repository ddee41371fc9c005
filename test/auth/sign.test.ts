import assert from 'node:assert/strict';
import { it } from 'node:test';
import { signed } from '../../src/auth/sign.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const scope = { region: 'us-east-1', service: 'service' };
const url = new URL('https://example.amazonaws.com/');
const now = new Date('2015-08-30T12:36:00Z');

// AWS's own test suite for signature version 4, as it is in the sources of aws-c-auth.
for (const [name, method, signature] of [
  ['get-vanilla', 'GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['post-vanilla', 'POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
] as const) {
  it(`signs as in AWS's test suite: ${name}`, () => {
    assert.deepEqual(signed({ method, url, headers: {}, body: '' }, credentials, scope, now), {
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    });
  });
}

it("signs headers and a body: post-x-www-form-urlencoded of AWS's test suite", () => {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const { authorization } = signed(
    { method: 'POST', url, headers, body: 'Param1=value1' },
    credentials,
    scope,
    now,
  );
  assert.match(authorization ?? '', /SignedHeaders=content-type;host;x-amz-date, /);
  assert.match(
    authorization ?? '',
    /Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a$/,
  );
});

it('sends a session token, and signs it', () => {
  const headers = signed(
    { method: 'POST', url, headers: {}, body: '' },
    { ...credentials, sessionToken: 'token' },
    scope,
    now,
  );
  assert.equal(headers['x-amz-security-token'], 'token');
  assert.match(headers['authorization'] ?? '', /SignedHeaders=host;x-amz-date;x-amz-security-token, /);
});
