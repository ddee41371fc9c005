import type { Clock } from './clock.ts';

/** The system's clocks; injected, so that tests can make them jump. All in milliseconds. */
export interface TimeSources {
  /** The machine's wall clock, which people and NTP set. */
  wall(): number;
  /** Never jumps; stands still while the machine sleeps. */
  monotonic(): number;
  /** Never jumps; continues while the machine sleeps. Reading it is expensive, and it may be coarse. */
  uptime(): number;
  schedule: Clock['schedule'];
}

/** What a restart needs to know to tell how far the clock jumped while no server was running. */
export interface ClockState {
  /** The wall clock minus the uptime, by this server's time: it changes only when clocks are set. */
  readonly baseMs: number;
  /** This server's time when the state was written. */
  readonly nowMs: number;
  /** A jump that has not been accepted yet. */
  readonly held?: HeldJump;
}

export interface HeldJump {
  /** How far the wall clock is ahead of the server's time; negative if it is behind. */
  readonly byMs: number;
  /** The uptime at which the jump is accepted automatically. */
  readonly untilUptimeMs: number;
}

export interface GuardedClockOptions {
  readonly sources: TimeSources;
  /** The state of an earlier run; `sameBoot` says whether its uptime and ours count from the same boot. */
  readonly before?: { readonly state: ClockState; readonly sameBoot: boolean };
  /** Called when the state that a restart needs has changed; never called by `now`. */
  readonly onChange: (state: ClockState, event: ClockEvent) => void;
}

export type ClockEvent =
  | { readonly kind: 'adjusted' }
  | { readonly kind: 'jumped'; readonly byMs: number; readonly acceptedInMs: number }
  | { readonly kind: 'returned' }
  | { readonly kind: 'accepted'; readonly byMs: number };

/** Smaller steps are harmless and are followed at once. */
const JUMP_MS_MIN = 2000;
/** A jump is accepted after as much time as it was long, but after this time at the latest. */
const HELD_MS_MAX = 3_600_000;
const LOOK_EVERY_MS = 1000;

/**
 * The time of a server. It follows the wall clock until that jumps; then it continues at the pace of the monotonic
 * clock, so that nothing expires because somebody set the clock. The jump is accepted by `accept`, or automatically
 * after as much time as it was long, an hour at most; setting the clock back ends it too. Waking from sleep is not a
 * jump.
 */
export class GuardedClock implements Clock {
  readonly schedule: Clock['schedule'];
  readonly #sources: TimeSources;
  readonly #onChange: GuardedClockOptions['onChange'];
  /** How far the wall clock is ahead of this clock. */
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

  /** The jump that has not been accepted yet. */
  get held(): { readonly byMs: number; readonly acceptedInMs: number } | undefined {
    const { byMs, untilUptimeMs } = this.#held ?? {};
    if (byMs === undefined || untilUptimeMs === undefined) return undefined;
    return { byMs, acceptedInMs: Math.max(0, untilUptimeMs - this.#sources.uptime()) };
  }

  /** Accepts the wall clock's time. Returns how far this clock moved; 0 if no jump was held. */
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
    // Nothing tells how long the machine was off: its clock is believed, unless time would go backwards.
    const heldMs = before.held?.byMs ?? 0;
    if (wall < before.nowMs) this.#hold(wall - before.nowMs);
    else if (heldMs > 0) this.#hold(Math.min(heldMs, wall - before.nowMs));
  }

  /** Looks for a jump: since the last look, the wall clock has not kept pace with the monotonic clock. */
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
    // Many small steps, none of which is a jump, can add up to this as well.
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
