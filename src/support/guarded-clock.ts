import type { Clock } from './clock.ts';

/** Where the time comes from; an argument, so that tests can let clocks jump. All in milliseconds. */
export interface TimeSources {
  /** The machine's own clock, which people and NTP set. */
  wall(): number;
  /** Never jumps; stands still while the machine sleeps. */
  monotonic(): number;
  /** Never jumps; goes on while the machine sleeps. Costs more, and need not be fine. */
  uptime(): number;
  schedule: Clock['schedule'];
}

/** What a restart needs to know, to tell how far the clock jumped while no server ran. */
export interface ClockState {
  /** Wall clock less uptime, as this server counts time: it changes only when clocks are set. */
  readonly baseMs: number;
  /** The time of this server when this was written. */
  readonly nowMs: number;
  /** A jump that waits to be accepted. */
  readonly held?: HeldJump;
}

export interface HeldJump {
  /** How far the wall clock is ahead of the server's time; negative when it is behind. */
  readonly byMs: number;
  /** When it is accepted by itself, by the uptime. */
  readonly untilUptimeMs: number;
}

export interface GuardedClockOptions {
  readonly sources: TimeSources;
  /** What an earlier run left; `sameBoot` tells whether its uptime and ours count from the same start. */
  readonly before?: { readonly state: ClockState; readonly sameBoot: boolean };
  /** Called when what a restart needs to know has changed; never by `now`. */
  readonly onChange: (state: ClockState, event: ClockEvent) => void;
}

export type ClockEvent =
  | { readonly kind: 'adjusted' }
  | { readonly kind: 'jumped'; readonly byMs: number; readonly acceptedInMs: number }
  | { readonly kind: 'returned' }
  | { readonly kind: 'accepted'; readonly byMs: number };

/** Smaller steps matter to nothing here, and are followed at once. */
const JUMP_MS_MIN = 2000;
/** A jump is accepted after as much time as it was long, and after this at the latest. */
const HELD_MS_MAX = 3_600_000;
const LOOK_EVERY_MS = 1000;

/**
 * The time of a server. It follows the wall clock, but not when that jumps: then it goes on at the pace of the
 * monotonic clock, so that nothing expires and nothing is given up because somebody set the clock. The jump is
 * accepted by `accept`, or after as much time as it was long, an hour at most; a clock that is set back ends it too.
 * A machine that slept has not jumped.
 */
export class GuardedClock implements Clock {
  readonly schedule: Clock['schedule'];
  readonly #sources: TimeSources;
  readonly #onChange: GuardedClockOptions['onChange'];
  /** The wall clock is ahead of this clock by so much. */
  #aheadMs = 0;
  #held: HeldJump | undefined;
  #anchor: { readonly wall: number; readonly monotonic: number; readonly uptime: number };
  #baseMs: number;
  #cancel: () => void = () => undefined;
  #news: ClockEvent[] = [];

  constructor({ sources, before, onChange }: GuardedClockOptions) {
    this.#sources = sources;
    this.#onChange = onChange;
    this.schedule = (delayMs, callback) => sources.schedule(delayMs, callback);
    this.#anchor = this.#look();
    const { wall, uptime } = this.#anchor;
    this.#baseMs = wall - uptime;
    if (before !== undefined) this.#continue(before.state, before.sameBoot);
    this.#tick(true);
  }

  now(): number {
    const wall = this.#sources.wall();
    const expected = this.#anchor.wall + (this.#sources.monotonic() - this.#anchor.monotonic);
    if (Math.abs(wall - expected) >= JUMP_MS_MIN) this.#findJump();
    return Math.floor(wall - this.#aheadMs);
  }

  /** The jump that waits to be accepted. */
  get held(): { readonly byMs: number; readonly acceptedInMs: number } | undefined {
    const { byMs, untilUptimeMs } = this.#held ?? {};
    if (byMs === undefined || untilUptimeMs === undefined) return undefined;
    return { byMs, acceptedInMs: Math.max(0, untilUptimeMs - this.#sources.uptime()) };
  }

  /** From here on the wall clock is right. Gives how far this clock has moved; 0 when nothing waited. */
  accept(): number {
    this.now();
    const byMs = this.#held?.byMs ?? 0;
    this.#aheadMs = 0;
    this.#held = undefined;
    if (byMs !== 0) this.#news.push({ kind: 'accepted', byMs });
    this.#report();
    return byMs;
  }

  close(): void {
    this.#cancel();
  }

  #look(): { wall: number; monotonic: number; uptime: number } {
    const sources = this.#sources;
    return { wall: sources.wall(), monotonic: sources.monotonic(), uptime: sources.uptime() };
  }

  #continue(before: ClockState, sameBoot: boolean): void {
    const { wall, uptime } = this.#anchor;
    if (sameBoot) {
      this.#hold(wall - uptime - before.baseMs, before.held);
      return;
    }
    // How long the machine was off cannot be known: its clock is believed, unless time would go backwards.
    const heldMs = before.held?.byMs ?? 0;
    if (wall < before.nowMs) this.#hold(wall - before.nowMs);
    else if (heldMs > 0) this.#hold(Math.min(heldMs, wall - before.nowMs));
  }

  /** Between two looks, the wall clock did not go at the pace of the monotonic one. */
  #findJump(): void {
    const { wall, uptime } = this.#anchor;
    const found = this.#look();
    this.#anchor = found;
    const jumpMs = found.wall - wall - (found.uptime - uptime);
    if (Math.abs(jumpMs) >= JUMP_MS_MIN) this.#hold(this.#aheadMs + jumpMs);
  }

  #hold(aheadMs: number, before?: HeldJump): void {
    if (Math.abs(aheadMs) < JUMP_MS_MIN) {
      if (this.#held !== undefined) this.#news.push({ kind: 'returned' });
      this.#held = undefined;
      this.#aheadMs = 0;
      return;
    }
    const acceptedInMs = Math.min(Math.abs(aheadMs), HELD_MS_MAX);
    const isSame = before !== undefined && Math.abs(before.byMs - aheadMs) < JUMP_MS_MIN;
    const untilUptimeMs = isSame ? before.untilUptimeMs : this.#anchor.uptime + acceptedInMs;
    this.#aheadMs = aheadMs;
    this.#held = { byMs: aheadMs, untilUptimeMs };
    this.#news.push({
      kind: 'jumped',
      byMs: aheadMs,
      acceptedInMs: Math.max(0, untilUptimeMs - this.#anchor.uptime),
    });
  }

  #tick(isFirst = false): void {
    if (!isFirst) this.now();
    this.#anchor = this.#look();
    if (this.#held !== undefined && this.#anchor.uptime >= this.#held.untilUptimeMs) this.accept();
    const base = this.#anchor.wall - this.#aheadMs - this.#anchor.uptime;
    // Also by many small steps, none of which is a jump.
    if (isFirst || Math.abs(base - this.#baseMs) >= JUMP_MS_MIN) this.#news.push({ kind: 'adjusted' });
    this.#report();
    this.#cancel = this.schedule(LOOK_EVERY_MS, () => this.#tick());
  }

  #report(): void {
    if (this.#news.length === 0) return;
    const { wall, uptime } = this.#anchor;
    this.#baseMs = wall - this.#aheadMs - uptime;
    const held = this.#held === undefined ? {} : { held: this.#held };
    const state = { baseMs: this.#baseMs, nowMs: wall - this.#aheadMs, ...held };
    for (const event of this.#news.splice(0)) this.#onChange(state, event);
  }
}
