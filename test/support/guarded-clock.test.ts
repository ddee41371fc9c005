/**
 * A clock that stepped forward by ten minutes made the server forget invocation ids at once, and one that stepped by a
 * day expired all records for good.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ManualClock } from '../../src/support/clock.ts';
import { GuardedClock, type ClockEvent, type ClockState } from '../../src/support/guarded-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 28);

/** A machine whose clock can be set, that can sleep, and that can be started again. */
class Machine {
  /** Time as it truly passes. */
  readonly time = new ManualClock(START);
  #setByMs = 0;
  #sleptMs = 0;
  #bootedMs = START - DAY;
  state: ClockState | undefined;
  events: ClockEvent[] = [];

  get trueMs(): number {
    return this.time.now();
  }

  start(sameBoot = true): GuardedClock {
    const { state } = this;
    return new GuardedClock({
      sources: {
        wall: () => this.trueMs + this.#setByMs,
        monotonic: () => this.trueMs - this.#bootedMs - this.#sleptMs,
        uptime: () => this.trueMs - this.#bootedMs,
        schedule: (delayMs, callback) => this.time.schedule(delayMs, callback),
      },
      ...(state === undefined ? {} : { before: { state, sameBoot } }),
      onChange: (after, event) => {
        this.state = after;
        this.events.push(event);
      },
    });
  }

  setClock(byMs: number): void {
    this.#setByMs += byMs;
  }

  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.time.advance(ms);
  }

  boot(offMs: number): void {
    this.time.advance(offMs);
    this.#bootedMs = this.trueMs;
    this.#sleptMs = 0;
  }

  kinds(): string[] {
    return this.events.splice(0).map(({ kind }) => kind);
  }
}

for (const [name, byMs] of [
  ['forward by ten minutes', 10 * MINUTE],
  ['back by ten minutes', -10 * MINUTE],
] as const) {
  test(`a clock set ${name} changes nothing until ten minutes have passed`, () => {
    const machine = new Machine();
    const clock = machine.start();
    machine.time.advance(5 * MINUTE);
    machine.setClock(byMs);
    assert.equal(clock.now(), machine.trueMs);
    machine.time.advance(9 * MINUTE);
    assert.equal(clock.now(), machine.trueMs);
    assert.deepEqual(clock.held?.byMs, byMs);
    machine.time.advance(2 * MINUTE);
    assert.equal(clock.now(), machine.trueMs + byMs);
    assert.equal(clock.held, undefined);
    assert.deepEqual(machine.kinds(), ['adjusted', 'jumped', 'accepted']);
  });
}

test('a jump by a day is accepted after an hour', () => {
  const machine = new Machine();
  const clock = machine.start();
  machine.setClock(DAY);
  machine.time.advance(59 * MINUTE);
  assert.equal(clock.now(), machine.trueMs);
  machine.time.advance(2 * MINUTE);
  assert.equal(clock.now(), machine.trueMs + DAY);
});

test('a jump can be accepted immediately', () => {
  const machine = new Machine();
  const clock = machine.start();
  assert.equal(clock.accept(), 0);
  machine.setClock(DAY);
  assert.equal(clock.accept(), DAY);
  assert.equal(clock.now(), machine.trueMs + DAY);
  machine.time.advance(2 * HOUR);
  assert.equal(clock.now(), machine.trueMs + DAY);
});

test('a clock that is corrected has not jumped', () => {
  const machine = new Machine();
  const clock = machine.start();
  machine.setClock(30 * HOUR);
  machine.time.advance(10 * MINUTE);
  machine.setClock(-30 * HOUR);
  machine.time.advance(2 * HOUR);
  assert.equal(clock.now(), machine.trueMs);
  assert.deepEqual(machine.kinds(), ['adjusted', 'jumped', 'returned']);
});

test('a second jump restarts the wait, measured from before the first one', () => {
  const machine = new Machine();
  const clock = machine.start();
  machine.setClock(20 * MINUTE);
  machine.time.advance(15 * MINUTE);
  machine.setClock(20 * MINUTE);
  machine.time.advance(39 * MINUTE);
  assert.equal(clock.now(), machine.trueMs);
  machine.time.advance(2 * MINUTE);
  assert.equal(clock.now(), machine.trueMs + 40 * MINUTE);
});

test('a machine that slept has not jumped', () => {
  const machine = new Machine();
  const clock = machine.start();
  machine.sleep(8 * HOUR);
  assert.equal(clock.now(), machine.trueMs);
  machine.time.advance(MINUTE);
  assert.deepEqual(machine.kinds(), ['adjusted']);
});

test('small steps are followed immediately, and remembered when they add up', () => {
  const machine = new Machine();
  const clock = machine.start();
  for (let step = 1; step <= 10; step++) {
    machine.setClock(500);
    assert.equal(clock.now(), machine.trueMs + step * 500);
    machine.time.advance(MINUTE);
  }
  assert.deepEqual(new Set(machine.kinds()), new Set(['adjusted']));
  clock.close();
  const again = machine.start();
  assert.equal(again.now(), machine.trueMs + 5000);
  assert.equal(again.held, undefined);
});

for (const byMs of [30 * HOUR, -3 * HOUR]) {
  test(`a jump by ${byMs / HOUR} h while no server ran is detected by the next one`, () => {
    const machine = new Machine();
    machine.start().close();
    machine.time.advance(20 * MINUTE);
    machine.setClock(byMs);
    const clock = machine.start();
    assert.equal(clock.now(), machine.trueMs);
    assert.equal(clock.held?.byMs, byMs);
    machine.time.advance(61 * MINUTE);
    assert.equal(clock.now(), machine.trueMs + byMs);
  });
}

test('a restart does not restart the wait, and an accepted jump stays accepted', () => {
  const machine = new Machine();
  let clock = machine.start();
  machine.setClock(DAY);
  machine.time.advance(40 * MINUTE);
  clock.close();
  clock = machine.start();
  assert.equal(clock.now(), machine.trueMs);
  machine.time.advance(21 * MINUTE);
  assert.equal(clock.now(), machine.trueMs + DAY);
  clock.close();
  assert.equal(machine.start().now(), machine.trueMs + DAY);
});

test("after a reboot the machine's clock is trusted", () => {
  const machine = new Machine();
  machine.start().close();
  machine.boot(9 * HOUR);
  assert.equal(machine.start(false).now(), machine.trueMs);
});

test("a machine that boots in the past, without a battery, does not affect the server's time", () => {
  const machine = new Machine();
  machine.start().close();
  machine.boot(MINUTE);
  machine.setClock(-365 * DAY);
  const clock = machine.start(false);
  assert.equal(clock.now(), START);
  machine.time.advance(MINUTE);
  machine.setClock(365 * DAY);
  // The minute in which it was off is a jump of its own.
  assert.equal(clock.now(), machine.trueMs - MINUTE);
  machine.time.advance(2 * MINUTE);
  assert.equal(clock.now(), machine.trueMs);
});

test('a jump that was not accepted is still held after a reboot', () => {
  const machine = new Machine();
  const before = machine.start();
  machine.setClock(DAY);
  before.now();
  machine.time.advance(MINUTE);
  before.close();
  machine.boot(MINUTE);
  const clock = machine.start(false);
  assert.equal(clock.held?.byMs, DAY);
  assert.equal(clock.now(), machine.trueMs);
});
