import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Identity } from '../../../src/auth/identity.ts';
import { rateLimits } from '../../../src/auth/rate/limits.ts';
import { networkOf, RateGate, type RateGateOptions } from '../../../src/auth/rate/rate-gate.ts';
import type { Principal } from '../../../src/auth/principal.ts';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { fakeRequest } from '../../protocol/fuzz.ts';

const FROM_AFAR = '192.0.2.1';
const WRONG = { kind: 'wrong-signature', message: 'it does not match' } as const;

function from(address: string, bytes = 0): HttpRequest {
  const request = fakeRequest({ headers: { 'content-length': String(bytes) } }, Buffer.alloc(0));
  return { ...request, peer: { address, tls: undefined } };
}

function caller(name: string, kind: Identity['kind'] = 'user', service = 'kinesis'): Principal {
  const accountId = '000000000000';
  const arn = `arn:aws:iam::${accountId}:user/${name}`;
  const identity = { kind, arn, userId: name, accountId, accessKeyId: 'AKIA' };
  return { isSigned: true, scope: { accessKeyId: 'AKIA', region: 'us-east-1', service }, identity };
}

class Gate extends RateGate {
  readonly time: { ms: number };
  readonly refusals: string[];

  constructor(options: Partial<RateGateOptions>) {
    const time = { ms: 0 };
    const refusals: string[] = [];
    super({
      requestsPerSecond: 0,
      bytesPerSecond: 0,
      streams: 0,
      nowMs: () => time.ms,
      onLimit: (limit) => void refusals.push(limit),
      ...options,
    });
    this.time = time;
    this.refusals = refusals;
  }

  /** How many of so many requests are admitted. */
  admitted(count: number, principal: Principal, address = '127.0.0.1', bytes = 0): number {
    let admitted = 0;
    for (let n = 0; n < count; n++) {
      const request = from(address, bytes);
      const refusal = this.arrive(request, principal) ?? this.identify(request, principal);
      if (refusal === undefined) admitted++;
    }
    return admitted;
  }
}

/** A session of a role. */
function sessionOf(role: string, name: string): Principal {
  const { identity, ...principal } = caller(name, 'assumed-role');
  return { ...principal, identity: { ...identity, roleArn: `arn:aws:iam::000000000000:role/${role}` } };
}

describe('limits of requests', () => {
  it('hold for all sessions of a role together', () => {
    const gate = new Gate({ requestsPerSecond: 10 });
    assert.equal(gate.admitted(6, sessionOf('reader', 'one')), 6);
    assert.equal(gate.admitted(6, sessionOf('reader', 'two')), 4);
    assert.equal(gate.admitted(6, sessionOf('writer', 'one')), 6);
  });

  it('let each caller send so many requests per second', () => {
    const gate = new Gate({ requestsPerSecond: 10 });
    assert.equal(gate.admitted(15, caller('ann')), 10);
    assert.equal(gate.admitted(15, caller('bob')), 10);
    gate.time.ms += 500;
    assert.equal(gate.admitted(15, caller('ann')), 5);
    assert.equal(gate.refusals.length, 20);
  });

  it('let each address send so many, for all of its callers together', () => {
    const gate = new Gate({ requestsPerSecond: 10 });
    assert.equal(gate.admitted(6, caller('ann'), FROM_AFAR), 6);
    assert.equal(gate.admitted(6, caller('bob'), FROM_AFAR), 4);
    assert.equal(gate.admitted(6, caller('eve'), '192.0.2.2'), 6);
  });

  it('do not limit root, loopback addresses, and callers that are not known', () => {
    const gate = new Gate({ requestsPerSecond: 10 });
    for (const kind of ['root', 'anonymous', 'unverified'] as const) {
      assert.equal(gate.admitted(100, caller('ann', kind)), 100);
    }
    assert.equal(gate.admitted(100, caller('ann', 'root'), '::1'), 100);
    assert.equal(gate.admitted(100, caller('ann', 'root'), FROM_AFAR), 10);
  });

  it('charge bytes that come and go, and admit nothing until they are paid', () => {
    const gate = new Gate({ bytesPerSecond: 1000 });
    assert.equal(gate.admitted(1, caller('ann'), '127.0.0.1', 2500), 1);
    assert.equal(gate.admitted(1, caller('ann')), 0);
    gate.time.ms += 2500;
    assert.equal(gate.admitted(1, caller('ann')), 1);
    gate.leave(from('127.0.0.1'), caller('ann'), { status: 200, headers: {}, body: 'x'.repeat(1500) });
    gate.time.ms += 1000;
    assert.equal(gate.admitted(1, caller('ann')), 0);
    gate.time.ms += 1000;
    assert.equal(gate.admitted(1, caller('ann')), 1);
  });

  it('ignore a length that is not a number of bytes', () => {
    const gate = new Gate({ bytesPerSecond: 1000 });
    for (const length of ['-1', 'many', '1e400']) {
      const request = { ...from('127.0.0.1'), headers: { 'content-length': length } };
      assert.equal(gate.identify(request, caller('ann')), undefined);
    }
  });

  it('say so in the words of the service', () => {
    const gate = new Gate({ requestsPerSecond: 1 });
    for (const [service, message] of [
      ['kinesis', 'Rate exceeded'],
      ['s3', 'Please reduce your request rate.'],
    ] as const) {
      gate.identify(from('::1'), caller(service, 'user', service));
      const refusal = gate.identify(from('::1'), caller(service, 'user', service));
      assert.deepEqual(refusal, { kind: 'throttled', message });
    }
  });

  it('remember a bounded number of callers, and forget the one that was idle longest', () => {
    const gate = new Gate({ requestsPerSecond: 1 });
    assert.equal(gate.admitted(2, caller('first')), 1);
    for (let n = 0; n < rateLimits.callersMax - 1; n++) gate.admitted(1, caller(`caller ${n}`));
    assert.equal(gate.admitted(1, caller('first')), 0);
    for (let n = 0; n < rateLimits.callersMax; n++) gate.admitted(1, caller(`other ${n}`));
    assert.equal(gate.admitted(1, caller('first')), 1);
  });
});

async function* events(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('event');
}

function bodyOf(response: HttpResponse | undefined): AsyncIterable<Uint8Array> {
  const body = response?.body;
  assert.ok(body !== undefined && typeof body === 'object' && Symbol.asyncIterator in body);
  return body;
}

describe('limits of streams of events', () => {
  it('count a stream until it has ended or the client has left', async () => {
    const gate = new Gate({ streams: 2 });
    const open = (): HttpResponse | undefined => {
      const stream = { status: 200, headers: {}, endless: true, body: events() };
      const left = gate.leave(from('::1'), caller('ann'), stream);
      return 'kind' in left ? undefined : left;
    };
    const [first, second] = [open(), open()];
    assert.equal(open(), undefined);
    assert.deepEqual(gate.refusals, ['streams']);
    for await (const chunk of bodyOf(first)) assert.equal(chunk.length, 5);
    assert.ok(open());
    assert.equal(open(), undefined);
    // A client that left before anything was read.
    await bodyOf(second)[Symbol.asyncIterator]().return?.();
    assert.ok(open());
  });
});

describe('wrong signatures', () => {
  it('are answered later, the more of them an address sends', () => {
    const gate = new Gate({});
    const delays = Array.from({ length: 200 }, () => gate.fail(from('127.0.0.1'), WRONG));
    assert.ok(delays.slice(0, rateLimits.wrongSignaturesPerSecond).every((ms) => ms === 0));
    assert.equal(delays[rateLimits.wrongSignaturesPerSecond], 50);
    assert.equal(delays.at(-1), rateLimits.refusalDelayMsMax);
    assert.equal(gate.fail(from('127.0.0.2'), WRONG), 0);
    assert.equal(gate.fail(from('127.0.0.1'), { kind: 'no-room', message: 'no memory' }), 0);
  });
});

describe('an IPv6 host', () => {
  it('counts as its network of 64 bits, because it may use any address of it', () => {
    for (const [address, network] of [
      ['192.0.2.1', '192.0.2.1'],
      ['::1', '::1'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
      ['2001:db8::5', '2001:db8:0:0::'],
      ['2001:db8:1:2::', '2001:db8:1:2::'],
    ] as const) {
      assert.equal(networkOf(address), network, address);
    }
  });
});
