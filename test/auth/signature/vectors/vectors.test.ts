import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { SignatureError } from '../../../../src/auth/denial.ts';
import { rootIdentity } from '../../../../src/auth/identity.ts';
import { sha256 } from '../../../../src/auth/signature/canonical.ts';
import { canonicalRequest, stringToSign } from '../../../../src/auth/signature/canonical-request.ts';
import { claimedSignature, KnownClaims } from '../../../../src/auth/signature/credential.ts';
import { SignatureVerifier } from '../../../../src/auth/signature/verify.ts';
import type { HttpRequest } from '../../../../src/http/message.ts';
import { RawClient, serve, type TestHttp } from '../../../http/support.ts';
import { startTestServer, type TestServer } from '../../../support/server.ts';
import { ROOT, send, sign } from '../signer.ts';
import {
  bytesOf,
  edited,
  mutations,
  services,
  SIGNED_MS,
  suite,
  type Vector,
  withHeader,
} from './vectors.ts';

const MINUTE = 60_000;
const isLate = ({ name }: Vector): boolean => name === 'post-sts-header-after';

/** Sends it as it is; resolves with the head and the body of the answer. */
async function exchange(port: number, bytes: string): Promise<string> {
  const client = await RawClient.connect(port);
  client.send(bytes.replace('\r\n', '\r\nConnection: close\r\n'));
  return await client.ended();
}

interface Sent {
  readonly vector: Vector;
  readonly secret?: string;
  readonly nowMs?: number;
}

describe('the suites of botocore and aws-c-auth', () => {
  let edge: TestHttp;
  let request: ((request: HttpRequest) => Promise<void>) | undefined;
  before(async () => {
    edge = await serve(async (arrived) => {
      await request?.(arrived);
      return { status: 200, headers: {}, body: 'passed' };
    });
  });
  after(() => edge.close());

  /** Passes the request to the verifier as the server gets it; resolves with the kind of the refusal, if any. */
  async function verify({ vector, secret = ROOT.secretAccessKey, nowMs = SIGNED_MS }: Sent): Promise<string> {
    const key = { accessKeyId: ROOT.accessKeyId, secretAccessKey: secret, status: 'Active' } as const;
    const session = vector.token === undefined ? {} : { sessionToken: vector.token };
    const identity = rootIdentity('000000000000', ROOT.accessKeyId);
    const verifier = new SignatureVerifier({
      keys: { find: (id) => (id === ROOT.accessKeyId ? { ...key, ...session, identity } : undefined) },
      region: 'us-east-1',
      accountId: '000000000000',
      now: () => nowMs,
      bodyLimitBytes: () => 1024,
    });
    let outcome = 'not sent on';
    request = async (arrived) => {
      try {
        const { principal } = await verifier.verify(arrived);
        outcome = principal.isSigned ? 'holds' : 'unsigned';
      } catch (error) {
        assert.ok(error instanceof SignatureError, String(error));
        outcome = error.kind;
      }
    };
    await exchange(edge.port, bytesOf(vector));
    return outcome;
  }

  for (const vector of suite.filter((one) => !isLate(one))) {
    it(`${vector.name}: each step is botocore's, and every change is refused`, async () => {
      let steps: readonly string[][] = [];
      request = async (arrived) => {
        const claimed = claimedSignature(arrived, new KnownClaims());
        assert.ok(claimed !== undefined);
        steps = [false, true].map((joinsByComma) => {
          const canonical = canonicalRequest(arrived, claimed, sha256(vector.body), joinsByComma);
          return [canonical, stringToSign(claimed, canonical), claimed.signature];
        });
        await Promise.resolve();
      };
      await exchange(edge.port, bytesOf(vector));
      const expected = [vector.canonicalRequest, vector.stringToSign, vector.signature];
      assert.ok(
        steps.some(([canonical]) => canonical === expected[0]),
        steps[0]?.[0],
      );
      assert.deepEqual(
        steps.find(([canonical]) => canonical === expected[0]),
        expected,
      );

      assert.equal(await verify({ vector }), 'holds');
      for (const [name, mutate] of Object.entries(mutations)) {
        assert.equal(await verify({ vector: mutate(vector) }), 'wrong-signature', name);
      }
      assert.equal(await verify({ vector: { ...vector, body: `${vector.body}x` } }), 'wrong-signature');
      assert.equal(await verify({ vector, secret: 'another' }), 'wrong-signature');
      assert.equal(await verify({ vector: edited('AKIDEXAMPLE', 'AKIDUNKNOWN')(vector) }), 'unknown-key');
      const added = withHeader(vector, 'X-Amz-Added: 1');
      assert.equal(await verify({ vector: added }), 'unsigned-header');
      const isPresigned = vector.target.includes('X-Amz-Expires=3600');
      const lateMs = SIGNED_MS + (isPresigned ? 60 : 5) * MINUTE + 1;
      assert.equal(await verify({ vector, nowMs: lateMs }), 'skewed');
      assert.equal(await verify({ vector, nowMs: lateMs - 1 }), 'holds');
      assert.equal(await verify({ vector, nowMs: SIGNED_MS - 5 * MINUTE - 1 }), 'skewed');
    });
  }

  it('post-sts-header-after: a token that was added after signing is refused', async () => {
    const vector = suite.find(isLate);
    assert.ok(vector !== undefined);
    assert.equal(await verify({ vector }), 'unsigned-header');
  });

  it('get-header-value-multiline: a folded header is refused before its signature is checked', async () => {
    const [vector] = suite;
    assert.ok(vector !== undefined);
    const folded = withHeader(vector, 'My-Header1: value1\r\n  value2\r\n     value3');
    assert.equal(await verify({ vector: folded }), 'not sent on');
  });
});

describe('a server', () => {
  let server: TestServer;
  let port: number;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: SIGNED_MS });
    server = await startTestServer({
      rootKey: ROOT,
      allowedHosts: ['example.amazonaws.com', 'example2.amazonaws.com'],
    });
    port = Number(new URL(server.endpoint).port);
    assert.equal((await own('PUT', '/vector', 's3')).status, 200);
  });
  after(async () => {
    await server.close();
    mock.timers.reset();
  });

  const own = (method: string, path: string, service: string, query = '') =>
    send(server.endpoint, sign({ method, path, query, service, host: new URL(server.endpoint).host }));

  /** What the requests would have made. */
  async function made(): Promise<string> {
    const objects = (await own('GET', '/vector', 's3', 'list-type=2')).body;
    const topics = (await own('GET', '/', 'sns', 'Action=ListTopics&Version=2010-03-31')).body;
    const target = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.ListStreams',
    };
    const host = new URL(server.endpoint).host;
    const listing = sign({ path: '/', service: 'kinesis', headers: target, body: '{}', host });
    const streams = (await send(server.endpoint, listing)).body;
    const found = /<Key>[^<]*|<TopicArn>[^<]*|"StreamNames":\[".*?\]/g;
    return [objects, topics, streams].flatMap((text) => text.match(found) ?? []).join('\n');
  }

  /** Of the services in their order: JSON, query, REST JSON, S3 by header and by query. */
  const WRONG = [
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'SignatureDoesNotMatch',
  ];
  const UNKNOWN = [
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
    'InvalidAccessKeyId',
  ];
  const SKEWED = [
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'RequestTimeTooSkewed',
    'AccessDenied',
  ];
  const cases: readonly (readonly [
    name: string,
    change: (vector: Vector) => Vector,
    codes: readonly string[],
  ])[] = [
    ...Object.entries(mutations).map(([name, change]) => {
      // Another method or path is no operation of Lambda's.
      const codes = / (?:method|path)$/.test(name) ? WRONG.with(2, 'SignatureDoesNotMatch') : WRONG;
      return [name, change, codes] as const;
    }),
    ['an unknown key', edited('AKIDEXAMPLE', 'AKIDUNKNOWN'), UNKNOWN],
    [
      'another body',
      (vector) => ({ ...vector, body: `${vector.body} ` }),
      [...WRONG.slice(0, 3), 'XAmzContentSHA256Mismatch'],
    ],
  ];

  for (const [index, vector] of services.entries()) {
    it(`refuses changed requests with AWS's errors, and does nothing: ${vector.name}`, async () => {
      for (const [name, change, codes] of cases) {
        // A presigned URL of S3 does not cover the body.
        const code = codes[index];
        if (code === undefined) continue;
        const answer = await exchange(port, bytesOf(change(vector)));
        assert.match(answer, new RegExp(`^HTTP/1.1 40[03] [^]*\\b${code}\\b`), name);
      }
      const code = SKEWED[index] ?? '';
      for (const minutes of [61, -16]) {
        mock.timers.setTime(SIGNED_MS + minutes * MINUTE);
        const answer = await exchange(port, bytesOf(vector));
        mock.timers.setTime(SIGNED_MS);
        assert.match(answer, new RegExp(`^HTTP/1.1 40[03] [^]*\\b${code}\\b`), String(minutes));
      }
      assert.equal(await made(), '');
    });
  }

  it('accepts them as they were signed', async () => {
    const answers = [];
    for (const vector of services) answers.push(await exchange(port, bytesOf(vector)));
    // There is no such function.
    const statuses = answers.map((answer) => Number(answer.slice(9, 12)));
    assert.deepEqual(statuses, [200, 200, 404, 200, 200], answers.join('\n'));
    assert.match(answers[2] ?? '', /ResourceNotFoundException/);
    assert.equal((await made()).split('\n').length, 4);
  });
});
