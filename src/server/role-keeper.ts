import { isDeepStrictEqual } from 'node:util';
import type { Member } from '../engine/shared/member.ts';
import type { Role } from '../engine/shared/member-options.ts';
import { systemClock } from '../support/clock.ts';
import type { HttpResponse } from '../http/message.ts';
import type { Outgoing } from '../http/outgoing.ts';
import type { Log } from '../support/log.ts';
import type { Door, Doorway } from './door.ts';
import type { SettingsCheck } from './equal-settings.ts';
import type { Forwarding } from './forwarding.ts';
import { serverLimits } from './limits.ts';
import type { Serving } from './serve.ts';
import type { StandbyReads } from './standby-reads.ts';

export interface RoleKeeperOptions {
  readonly doorway: Doorway;
  readonly forwarding: Forwarding;
  readonly check: SettingsCheck;
  readonly log: Log;
  /** At which other machines reach this one. */
  readonly url: string;
}

/** Opens and closes the services as this machine's role changes, one change after the other. */
export class RoleKeeper {
  readonly #options: RoleKeeperOptions;
  readonly #open = Promise.withResolvers<() => Promise<Serving>>();
  #member: Member | undefined;
  #serving: Serving | undefined;
  #isRetired = false;
  #cancelLook: (() => void) | undefined;
  #cancelHold: (() => void) | undefined;

  #takeovers = 0;
  #reads: StandbyReads | undefined;

  constructor(options: RoleKeeperOptions) {
    this.#options = options;
  }

  /** How often the services were opened. */
  get takeovers(): number {
    return this.#takeovers;
  }

  get forwarding() {
    return this.#options.forwarding.counts;
  }

  serveWith(open: () => Promise<Serving>): void {
    this.#open.resolve(open);
  }

  /** What answers reads while this machine is a standby. */
  readWith(reads: StandbyReads): void {
    this.#reads = reads;
  }

  get reads(): StandbyReads | undefined {
    return this.#reads;
  }

  /** Undefined when the owner has to answer. */
  async read(outgoing: Outgoing): Promise<HttpResponse | undefined> {
    const { check } = this.#options;
    if (this.#member !== undefined) check.look(this.#member.status());
    return check.isAlike ? await this.#reads?.answer(outgoing) : undefined;
  }

  follow(member: Member): void {
    this.#member = member;
    this.#lookOn();
  }

  async become(role: Role): Promise<void> {
    if (role === 'standby') return await this.#leave();
    // A slow client must not hold up a takeover.
    void this.#reads?.leave();
    const open = await this.#open.promise;
    if (this.#isRetired || this.#member?.status().role === 'standby') return;
    try {
      const serving = await open();
      if (this.#isRetired) return await serving.close();
      this.#serving = serving;
    } catch (error) {
      // Deposed while the services opened: the next call is for the standby.
      if (this.#member?.status().role === 'standby') return;
      throw error;
    }
    const member = this.#member;
    this.#takeovers++;
    this.#move({
      kind: 'here',
      handler: this.#serving.handler,
      isCurrent: () => member?.isCurrent === true,
      confirm: async () => member?.confirm(),
    });
    this.#options.log.info({}, 'the services run here now');
  }

  /**
   * Requests that are slow may end, and what sends requests stops; then requests wait for the next owner, and the
   * ownership is left. What may take its time is done while requests are still answered here.
   */
  async leave(demote: () => Promise<void>): Promise<void> {
    const { doorway } = this.#options;
    // Before anything stops: new requests must find all services.
    await doorway.answered(serverLimits.drainMs);
    await this.#serving?.quiesce();
    this.#move(this.#elsewhere());
    await doorway.answered(serverLimits.lastDrainMs);
    await this.#leave();
    await demote();
  }

  /** As `leave`, and the services never open here again. Requests wait for the next owner, but not long. */
  async retire(handOver: () => Promise<void>): Promise<void> {
    this.#isRetired = true;
    const { doorway } = this.#options;
    if (this.#serving === undefined) {
      doorway.close();
      return await handOver();
    }
    await this.leave(handOver);
    this.#cancelHold = systemClock.schedule(serverLimits.retiredHoldMs, () => doorway.close());
  }

  async close(): Promise<void> {
    this.#isRetired = true;
    this.#cancelLook?.();
    this.#cancelHold?.();
    this.#open.resolve(() => Promise.reject(new Error('the server closes')));
    await this.#reads?.close();
    await this.#leave();
    this.#options.forwarding.close();
  }

  async #leave(): Promise<void> {
    this.#move(this.#elsewhere());
    const serving = this.#serving;
    this.#serving = undefined;
    // What cannot be stored any more was not acknowledged.
    await serving?.close().catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'a service did not stop in order');
    });
  }

  /** Moves the door when another machine becomes the owner. Called when that is known, so that requests go on at once. */
  look(): void {
    this.#reads?.leaveOtherCopy();
    if (this.#member !== undefined) this.#options.check.look(this.#member.status());
    // What a subscription reads may be another owner's than the one with which it began.
    if (!this.#options.check.isAlike) this.#reads?.leaveIfOpen();
    if (this.#serving === undefined) {
      const door = this.#elsewhere();
      const { door: present } = this.#options.doorway;
      if (!isDeepStrictEqual(door, present) && present.kind !== 'here') this.#move(door);
    }
  }

  /** Also how old reads may be, and the settings, change with time. */
  #lookOn(): void {
    this.look();
    this.#cancelLook = systemClock.schedule(LOOK_MS, () => this.#lookOn());
  }

  #move(door: Door): void {
    const { doorway, forwarding } = this.#options;
    if (door.kind !== 'none') forwarding.turnTo(door.kind === 'there' ? door.url : undefined);
    doorway.move(door);
  }

  /** Where the owner is, if not here. */
  #elsewhere(): Door {
    const status = this.#member?.status();
    // This machine finds its own URL in the log when it was the last owner.
    const isKnown = status?.role === 'standby' && status.owner !== undefined;
    if (!isKnown || status.owner.url === this.#options.url) return { kind: 'none' };
    return { kind: 'there', url: status.owner.url };
  }
}

const LOOK_MS = 100;
