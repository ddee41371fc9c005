import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock, type Clock } from '../../../src/support/clock.ts';
import type { PostResult } from '../../../src/support/http-post.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { Exporter } from '../../../src/telemetry/otlp/exporter.ts';
import { formOf } from '../../../src/telemetry/otlp/form.ts';

/** Pauses end at once, and are remembered. */
function quickClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => systemClock.now(),
    schedule(delayMs, callback) {
      pauses.push(delayMs);
      return systemClock.schedule(0, callback);
    },
  };
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

function exporterOf(answers: readonly PostResult[], timeoutMs = 10_000) {
  const sent: Sent[] = [];
  const clock = quickClock();
  const { log, lines } = recordedLog();
  const exporter = new Exporter({
    url: 'http://127.0.0.1:4318/v1/traces',
    form: formOf('http/protobuf'),
    compression: 'none',
    timeoutMs,
    headers: () => Promise.resolve({ authorization: `Bearer ${sent.length}` }),
    post: (_url, headers, body) => {
      sent.push({ headers, body });
      return Promise.resolve(answers[Math.min(sent.length, answers.length) - 1] ?? 'interrupted');
    },
    clock,
    log,
    what: 'spans',
  });
  const send = () => exporter.send(Buffer.from('x'), new AbortController().signal);
  return { exporter, sent, clock, send, lines };
}

const status = (code: number, more: { body?: Buffer; retryAfter?: string } = {}): PostResult => ({
  status: code,
  body: Buffer.alloc(0),
  ...more,
});

test('a request that was not taken is sent again after growing pauses, with current headers', async () => {
  const failure = { failure: 'connect ECONNREFUSED', kind: 'connection' as const };
  const { send, sent, clock, exporter } = exporterOf([failure, status(503), status(429), status(200)]);
  assert.equal(await send(), 0);
  assert.deepEqual(
    sent.map(({ headers }) => headers['authorization']),
    ['Bearer 0', 'Bearer 1', 'Bearer 2', 'Bearer 3'],
  );
  const [first = 0, second = 0, third = 0] = clock.pauses;
  assert.ok(
    first >= 800 && first <= 1200 && second >= 1600 && second <= 2400 && third >= 3200,
    clock.pauses.join(),
  );
  assert.equal(exporter.warning, undefined);
});

test('other answers are final', async () => {
  for (const code of [400, 401, 404, 500, 301]) {
    const { send, sent, exporter } = exporterOf([status(code)]);
    assert.equal(await send(), undefined);
    assert.equal(sent.length, 1);
    assert.equal(exporter.warning, `spans cannot be exported: the answer is ${code}`);
  }
});

test('the pause that a collector names counts, and ends the attempts if it is too long', async () => {
  const { send, clock } = exporterOf([status(503, { retryAfter: '3' }), status(200)]);
  assert.equal(await send(), 0);
  assert.deepEqual(clock.pauses, [3000]);
  const date = new Date(systemClock.now() + 9000).toUTCString();
  const dated = exporterOf([status(429, { retryAfter: date }), status(200)], 60_000);
  assert.equal(await dated.send(), 0);
  assert.ok((dated.clock.pauses[0] ?? 0) > 1000 && (dated.clock.pauses[0] ?? 0) <= 9000);
  const long = exporterOf([status(503, { retryAfter: '60' })]);
  assert.equal(await long.send(), undefined);
  assert.equal(long.sent.length, 1);
});

test('what a collector rejects of a request is counted, and not sent again', async () => {
  // partial_success { rejected_spans: 3, error_message: "no" }
  const body = Buffer.from([0x0a, 0x06, 0x08, 0x03, 0x12, 0x02, 0x6e, 0x6f]);
  const { send, sent, lines } = exporterOf([status(200, { body })]);
  assert.equal(await send(), 3);
  assert.equal(sent.length, 1);
  assert.deepEqual(lines, ['warn: the collector has rejected spans']);
  const damaged = exporterOf([status(200, { body: Buffer.from('nonsense') })]);
  assert.equal(await damaged.send(), 0);
});

test('the log has a line when exports begin to fail, and one when they work again', async () => {
  const { send, lines } = exporterOf([status(404), status(404), status(200), status(404)]);
  for (let call = 0; call < 4; call++) await send();
  const [failing, working] = ['warn: spans cannot be exported', 'info: spans are exported again'];
  assert.deepEqual(lines, [failing, working, failing]);
});
