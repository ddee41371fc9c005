import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  FinishedInvocation,
  InvocationRequest,
} from '../../../../src/services/lambda/runtime/invocation-request.ts';
import type { InvocationOutcome } from '../../../../src/services/lambda/runtime/outcome.ts';
import {
  ProcessPool,
  type PooledFunction,
  type PooledProcess,
  type PoolOptions,
  type ProcessEvents,
} from '../../../../src/services/lambda/runtime/process-pool.ts';
import { FunctionsClosedError } from '../../../../src/services/lambda/functions.ts';
import { ManualClock } from '../../../../src/support/clock.ts';

/** A process that does what the test tells it to. */
class FakeProcess implements PooledProcess {
  readonly id: number;
  stale = false;
  killed = false;
  work: InvocationRequest | undefined;
  readonly #events: ProcessEvents;
  readonly #ended = Promise.withResolvers<void>();
  #answer: ((finished: FinishedInvocation) => void) | undefined;

  constructor(id: number, events: ProcessEvents) {
    this.id = id;
    this.#events = events;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  start(work: InvocationRequest): Promise<FinishedInvocation> {
    return this.run(work);
  }

  run(work: InvocationRequest): Promise<FinishedInvocation> {
    this.work = work;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  kill(): void {
    this.killed = true;
  }

  ready(): void {
    this.#events.onReady(this);
  }

  answer(): void {
    this.#events.onAnswer(this);
    this.#answer?.({
      payload: Buffer.from(`${this.id}`),
      functionError: undefined,
      durationMs: 1,
      logTail: Buffer.alloc(0),
    });
  }

  idle(): void {
    this.#events.onIdle(this);
  }

  /** It ends before its first invocation. */
  crash(isOutdated = false): void {
    const failure = { status: 'error', type: 'Runtime.ExitError' } as const;
    const outcome = (requestId: string): InvocationOutcome => ({
      payload: Buffer.from(`crash of ${this.id}: ${requestId}`),
      functionError: 'Unhandled',
      failure,
    });
    this.#answer?.({ ...outcome(this.work?.requestId ?? ''), durationMs: 1, logTail: Buffer.alloc(0) });
    this.#events.onEnd(this, { outcome, isOutdated: () => isOutdated });
    this.#ended.resolve();
  }

  end(): void {
    this.#events.onEnd(this);
    this.#ended.resolve();
  }
}

interface FakeFunction extends PooledFunction {
  readonly processes: FakeProcess[];
}

function fakeFunction(name: string, concurrencyMax: number): FakeFunction {
  const processes: FakeProcess[] = [];
  return {
    name,
    concurrencyMax,
    processes,
    createProcess(events) {
      const process = new FakeProcess(processes.length, events);
      processes.push(process);
      return process;
    },
  };
}

function work(requestId: string): InvocationRequest {
  return {
    requestId,
    payload: Buffer.from('{}'),
    functionArn: 'arn',
    clientContext: undefined,
    trace: undefined,
  };
}

function pool(settings: Partial<PoolOptions> = {}) {
  const clock = new ManualClock();
  const defaults = { processesMax: 10, startsAtOnceMax: 10, waitingMax: 10, idleMs: 1000 };
  return { clock, pool: new ProcessPool({ ...defaults, ...settings }, clock) };
}

/** Lets what has been settled be noticed. */
function turn(): Promise<void> {
  return new Promise(setImmediate);
}

function only<Value>(values: readonly Value[], at = 0): Value {
  const value = values[at];
  assert.ok(value !== undefined);
  return value;
}

test('an invocation uses an idle process, or a new one, up to the limit of its function', async () => {
  const { pool: processes } = pool();
  const f = fakeFunction('f', 2);
  const calls = ['a', 'b', 'c'].map((id) => processes.run(f, work(id)));
  assert.deepEqual(
    f.processes.map((process) => process.work?.requestId),
    ['a', 'b'],
  );
  only(f.processes).answer();
  only(f.processes).idle();
  assert.equal(only(f.processes).work?.requestId, 'c');
  only(f.processes).answer();
  only(f.processes, 1).answer();
  assert.deepEqual(
    (await Promise.all(calls)).map(({ payload }) => String(payload)),
    ['0', '1', '0'],
  );
});

test('a limited number of processes start at once', async () => {
  const { pool: processes } = pool({ startsAtOnceMax: 1 });
  const f = fakeFunction('f', 5);
  for (const id of ['a', 'b', 'c']) void processes.run(f, work(id));
  assert.equal(f.processes.length, 1);
  only(f.processes).ready();
  assert.equal(f.processes.length, 2);
});

test('a process that has responded is waited for, but not for long', async () => {
  const { pool: processes, clock } = pool();
  const f = fakeFunction('f', 5);
  void processes.run(f, work('a'));
  only(f.processes).answer();
  void processes.run(f, work('b'));
  assert.equal(f.processes.length, 1);
  clock.advance(1000);
  assert.equal(f.processes.length, 2);
  assert.equal(only(f.processes, 1).work?.requestId, 'b');
});

test('a process with changed code is not reused', async () => {
  const { pool: processes } = pool();
  const f = fakeFunction('f', 5);
  void processes.run(f, work('a'));
  const first = only(f.processes);
  first.answer();
  first.idle();
  first.stale = true;
  void processes.run(f, work('b'));
  assert.equal(first.killed, true);
  assert.equal(only(f.processes, 1).work?.requestId, 'b');
});

test('an idle process is ended after a while', async () => {
  const { pool: processes, clock } = pool();
  const f = fakeFunction('f', 5);
  void processes.run(f, work('a'));
  only(f.processes).answer();
  only(f.processes).idle();
  clock.advance(999);
  assert.equal(only(f.processes).killed, false);
  clock.advance(1);
  assert.equal(only(f.processes).killed, true);
});

test('when all places are taken, idle processes of others are ended, and busy functions share', async () => {
  const { pool: processes } = pool({ processesMax: 2 });
  const f = fakeFunction('f', 2);
  const g = fakeFunction('g', 2);
  void processes.run(f, work('f1'));
  only(f.processes).answer();
  only(f.processes).idle();
  void processes.run(g, work('g1'));
  void processes.run(g, work('g2'));
  assert.equal(g.processes.length, 1);
  assert.equal(only(f.processes).killed, true);
  only(f.processes).end();
  assert.equal(g.processes.length, 2);
  // g has both places and more to do; f, which has none, gets the first that becomes free.
  void processes.run(g, work('g3'));
  void processes.run(f, work('f2'));
  only(g.processes).answer();
  only(g.processes).idle();
  assert.equal(only(g.processes).killed, true);
  only(g.processes).end();
  assert.equal(only(f.processes, 1).work?.requestId, 'f2');
});

test('too many waiting invocations are refused; a cancelled one frees its place', async () => {
  const { pool: processes } = pool({ waitingMax: 1 });
  const f = fakeFunction('f', 1);
  void processes.run(f, work('a'));
  const impatience = new AbortController();
  const waiting = processes.run(f, work('b'), { signal: impatience.signal });
  await assert.rejects(processes.run(f, work('c')), { name: 'TooManyWaitingError' });
  impatience.abort();
  await assert.rejects(waiting, FunctionsClosedError);
  void processes.run(f, work('d'));
  only(f.processes).answer();
  only(f.processes).idle();
  assert.equal(only(f.processes).work?.requestId, 'd');
});

test('an invocation with a maximum wait is refused then, but only while it waits', async () => {
  const { pool: processes, clock } = pool();
  const f = fakeFunction('f', 1);
  const runs = processes.run(f, work('a'), { waitMsMax: 1000 });
  const waits = processes.run(f, work('b'), { waitMsMax: 1000 });
  clock.advance(999);
  await turn();
  clock.advance(1);
  await assert.rejects(waits, { name: 'TooManyWaitingError' });
  only(f.processes).answer();
  assert.equal((await runs).functionError, undefined);
});

test('a retired function finishes waiting and running invocations, and keeps nothing warm', async () => {
  const { pool: processes } = pool();
  const f = fakeFunction('f', 1);
  const calls = [processes.run(f, work('a')), processes.run(f, work('b'))];
  let retired = false;
  const retiring = processes.retire(f).then(() => (retired = true));
  only(f.processes).answer();
  only(f.processes).idle();
  only(f.processes).answer();
  only(f.processes).idle();
  await Promise.all(calls);
  assert.equal(only(f.processes).killed, true);
  await turn();
  assert.equal(retired, false);
  only(f.processes).end();
  await retiring;
});

test('closing refuses waiting invocations, lets running ones finish, and finally kills them', async () => {
  const { pool: processes, clock } = pool();
  const f = fakeFunction('f', 1);
  const running = processes.run(f, work('a'));
  const waiting = processes.run(f, work('b'));
  const closing = processes.close(5000);
  await assert.rejects(waiting, FunctionsClosedError);
  await assert.rejects(processes.run(f, work('c')), FunctionsClosedError);
  assert.equal(only(f.processes).killed, false);
  clock.advance(5000);
  assert.equal(only(f.processes).killed, true);
  only(f.processes).answer();
  only(f.processes).end();
  await Promise.all([running, closing]);
});

test('versions of one function share its limit: an idle process of one makes room for another', async () => {
  const { pool: processes } = pool();
  const latest = fakeFunction('f', 1);
  const version = fakeFunction('f', 1);
  const first = processes.run(latest, work('a'));
  const second = processes.run(version, work('b'));
  assert.equal(version.processes.length, 0);
  only(latest.processes).answer();
  // The other version is waiting: the process that becomes idle is ended for it.
  only(latest.processes).idle();
  only(latest.processes).end();
  assert.equal(only(version.processes).work?.requestId, 'b');
  only(version.processes).answer();
  await Promise.all([first, second]);
});

test('a limit that was raised serves those that wait', async () => {
  const { pool: processes } = pool();
  let limit = 1;
  const f: FakeFunction = Object.defineProperty(fakeFunction('f', 1), 'concurrencyMax', { get: () => limit });
  const calls = ['a', 'b'].map((id) => processes.run(f, work(id)));
  assert.equal(f.processes.length, 1);
  limit = 2;
  processes.serveWaiting();
  assert.equal(f.processes.length, 2);
  for (const process of f.processes) process.answer();
  await Promise.all(calls);
});

/** Three processes of `f` end before they take an invocation. */
async function crashThreeTimes(processes: ProcessPool, f: FakeFunction, isOutdated = false): Promise<void> {
  for (let crash = 0; crash < 3; crash++) {
    const failed = processes.run(f, work('a'), { waitsForPause: false });
    only(f.processes, crash).crash(isOutdated);
    assert.equal((await failed).payload.toString(), `crash of ${crash}: a`);
  }
}

test('after three crashes calls fail at once with the last error, until the pause is over', async () => {
  const seen: string[] = [];
  const crashes = {
    onCrash: (name: string, count: number, pauseMs: number) => seen.push(`${name} ${count} ${pauseMs}`),
    onFailAtOnce: (name: string) => seen.push(`${name} at once`),
  };
  const { clock, pool: processes } = pool({ crashes });
  const f = fakeFunction('f', 10);
  await crashThreeTimes(processes, f);
  const atOnce = await processes.run(f, work('b'), { waitsForPause: false });
  assert.equal(atOnce.payload.toString(), 'crash of 2: b');
  assert.deepEqual(seen, ['f 1 0', 'f 2 0', 'f 3 1000', 'f at once']);
  clock.advance(1000);
  // One process at a time shows whether it is over; who comes meanwhile shares its fate.
  const calls = ['c', 'd'].map((id) => processes.run(f, work(id), { waitsForPause: false }));
  assert.equal(f.processes.length, 4);
  only(f.processes, 3).crash();
  const payloads = (await Promise.all(calls)).map(({ payload }) => payload.toString());
  assert.deepEqual(payloads, ['crash of 3: c', 'crash of 3: d']);
  assert.deepEqual(seen.slice(4), ['f 4 2000', 'f at once']);
  for (let crash = 4; crash < 12; crash++) {
    clock.advance(30_000);
    void processes.run(f, work('e'));
    only(f.processes, crash).crash();
  }
  assert.equal(seen.at(-1), 'f 12 30000');
});

test('callers that wait for the pause get the next process; one that takes an invocation ends the loop', async () => {
  const { clock, pool: processes } = pool();
  const f = fakeFunction('f', 10);
  await crashThreeTimes(processes, f);
  const calls = ['b', 'c'].map((id) => processes.run(f, work(id)));
  clock.advance(999);
  assert.equal(f.processes.length, 3);
  clock.advance(1);
  assert.equal(f.processes.length, 4);
  only(f.processes, 3).ready();
  assert.equal(f.processes.length, 5);
  for (const at of [3, 4]) only(f.processes, at).answer();
  await Promise.all(calls);
});

test('new code ends the pause', async () => {
  const { pool: processes } = pool();
  const f = fakeFunction('f', 10);
  await crashThreeTimes(processes, f, true);
  void processes.run(f, work('b'), { waitsForPause: false });
  assert.equal(f.processes.length, 4);
  const newer = fakeFunction('f', 10);
  void processes.run(newer, work('c'), { waitsForPause: false });
  assert.equal(newer.processes.length, 1);
});
