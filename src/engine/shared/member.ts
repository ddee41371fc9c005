import { UserError } from '../../errors.ts';
import { sleep, type Clock } from '../../support/clock.ts';
import { NotOwnerError } from '../engine.ts';
import type { EngineCopyError } from '../embedded/errors.ts';
import type { CopySharing, EngineCopy } from '../embedded/open.ts';
import { Backlog } from './backlog.ts';
import { encodeBeat } from './beat.ts';
import { catchUp } from './catch-up.ts';
import { compareVersions } from './compare-versions.ts';
import { FollowerAge } from './follower-age.ts';
import { Freshness } from './freshness.ts';
import { KnownOwner } from './known-owner.ts';
import { sharedLimits } from './limits.ts';
import { isQuiet } from './is-quiet.ts';
import { LogEnd } from './log-end.ts';
import type { MemberOptions, MemberStatus, Role } from './member-options.ts';
import { Patience } from './patience.ts';
import { applyRun, applyRuns, type Run } from './runs.ts';
import { DeposedError, LOG_START, TrimmedError, type LogPlace, type SharedFrame } from './shared-log.ts';
import { checkFirst, LogTrimmedError } from './check-first.ts';

/** One of the processes that share a log: it follows the owner, or owns the log itself. */
export class Member implements CopySharing {
  readonly #options: MemberOptions;
  readonly #closing = new AbortController();
  readonly #patience: Patience;
  readonly #freshness: Freshness;
  readonly #freshMs: number;
  /** While it is a standby. */
  readonly age: FollowerAge;
  readonly #isQuiet: () => Promise<boolean>;
  readonly #catchUp: () => Promise<void>;
  readonly #end: LogEnd;
  #confirming: Promise<void> | undefined;
  readonly #timers: Clock;
  readonly #lost = Promise.withResolvers<Error>();
  #copy: EngineCopy | undefined;
  /** Replaces the copy by one that begins with a snapshot; undefined without a place for snapshots. */
  #beginAgain: (() => Promise<EngineCopy>) | undefined;
  /** The log was trimmed past this process. */
  #isBehind = false;
  #isRetired = false;
  #role: Role = 'standby';
  #term = 0;
  readonly #owner: KnownOwner;
  /** The takeover under way or not yet seen in the log. */
  #claim: Promise<LogPlace | undefined> | undefined;
  #trying: Promise<void> | undefined;
  /** Aborts when this owner is deposed or leaves. */
  #reign = new AbortController();
  #hasCommitted = false;
  #framesSeen = 0;
  #bytesApplied = 0;
  #announced: Promise<void> = Promise.resolve();
  #running: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: MemberOptions) {
    this.#options = options;
    const { clock, timers = clock, random, takeOverAfterMs = sharedLimits.takeOverAfterMs } = options;
    this.#timers = timers;
    this.#owner = new KnownOwner(() => options.onOwner?.());
    this.#patience = new Patience({ clock: timers, random, takeOverAfterMs });
    const { log, times = { wallMs: () => timers.now(), monotonicMs: () => performance.now() } } = options;
    this.#freshness = new Freshness(times);
    this.#freshMs = takeOverAfterMs * sharedLimits.freshPart;
    this.#end = new LogEnd(log, timers);
    const follower = { log, timers, framesSeen: () => this.#framesSeen, position: () => this.#position };
    this.age = new FollowerAge({ ...follower, times, heartbeatEveryMs: this.#patience.heartbeatEveryMs });
    this.#isQuiet = () => isQuiet(this.#patience, follower, this.#closing.signal);
    this.#catchUp = () => catchUp(this.#patience, follower, this.#closing.signal);
  }

  /** Resolves with the reason when this process can neither own nor follow the log: then only `close` may be called. */
  get lost(): Promise<Error> {
    return this.#lost.promise;
  }

  status(): MemberStatus {
    const { term, position } = this.#place ?? { term: 0, position: -1 };
    const isOwner = this.#role === 'owner';
    return {
      role: this.#role,
      term,
      position,
      owner: isOwner ? this.#options.self : this.#owner.info,
      quietMs: isOwner ? 0 : this.#patience.quietMs,
    };
  }

  /** Of the commits that this process has applied since its start. */
  get bytesApplied(): number {
    return this.#bytesApplied;
  }

  /**
   * How many frames of the log this process has not applied, by what the store said within the last second. A void frame
   * at the end of the log counts until another one follows. Rejects when the store does not answer.
   */
  async lag(): Promise<number> {
    return this.#behind(await this.#end.next());
  }

  #behind(next: number): number {
    return Math.max(0, next - 1 - this.#position);
  }

  /** No other machine can have taken over by itself: reads may be answered. */
  get isCurrent(): boolean {
    return this.#role === 'owner' && this.#freshness.agedMs < this.#freshMs;
  }

  /** Appends a heartbeat at once; resolves when this process knows whether it still owns the log. */
  confirm(): Promise<void> {
    return (this.#confirming ??= this.#beat('heartbeat').finally(() => (this.#confirming = undefined)));
  }

  /** With `beginAgain`, which closes the copy and opens another one, a standby goes on after the log was trimmed past it. */
  start(copy: EngineCopy, beginAgain?: () => Promise<EngineCopy>): void {
    this.#copy = copy;
    this.#beginAgain = beginAgain;
    this.#running = this.#run();
  }

  refusal(): NotOwnerError | undefined {
    if (this.#role === 'owner') return undefined;
    return new NotOwnerError('another machine owns the shared log');
  }

  async append(payload: readonly Uint8Array[]): Promise<LogPlace> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    const term = this.#term;
    const acknowledged = this.#freshness.sent();
    try {
      const position = await this.#options.log.append('commit', payload);
      acknowledged();
      this.#hasCommitted = true;
      for (const { length } of payload) this.#bytesApplied += length;
      return { term, position };
    } catch (error) {
      this.#depose(error);
      throw new NotOwnerError('another machine has taken over the shared log', { cause: error });
    }
  }

  onLost(error: EngineCopyError): void {
    this.#lose(error);
  }

  /** Takes over once it has caught up; resolves when the attempt has ended, whatever its end. */
  async promote(): Promise<void> {
    if (this.#role === 'owner') return;
    await this.#trying;
    await this.#catchUp();
    await (this.#trying ??= this.#tryTakeOver(true));
  }

  /** Leaves the ownership to a standby. This process takes over again only if none does. */
  async demote(): Promise<void> {
    await this.#handOver();
    this.#patience.standBack();
  }

  /** Leaves the ownership for good; does not wait for a slow log for long. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    const leaving = this.#handOver().catch(() => undefined);
    await Promise.race([leaving, sleep(this.#timers, sharedLimits.handOverWaitMs)]);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  get #place() {
    return this.#copy?.replica.place;
  }

  get #position(): number {
    return this.#place?.position ?? -1;
  }

  async #close(): Promise<void> {
    await this.retire();
    this.#closing.abort();
    this.#reign.abort();
    await this.#options.log.close();
    await this.#running;
    await this.#trying;
    await this.#announced;
  }

  async #run(): Promise<void> {
    const { log, logger } = this.#options;
    const empty = await log.bounds().then(
      ({ next }) => next === 0,
      () => false,
    );
    if (empty) this.#patience.end();
    while (!this.#closing.signal.aborted) {
      try {
        if (this.#isBehind) await this.#catchUpFromSnapshot();
        if (this.#role === 'owner') await this.#reignOn();
        else await this.#standBy();
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#isBehind ||= error instanceof TrimmedError;
        if (error instanceof TrimmedError && this.#beginAgain === undefined)
          return this.#lose(new LogTrimmedError(error));
        if (error instanceof UserError) return this.#lose(error);
        logger.warn({ err: error }, 'the shared log could not be followed');
        await sleep(this.#timers, sharedLimits.followRetryMs, this.#closing.signal);
      }
    }
  }

  async #catchUpFromSnapshot(): Promise<void> {
    await this.#trying;
    // The services of an owner that was deposed still use the copy.
    await this.#announced;
    this.#copy = await this.#beginAgain?.();
    this.#isBehind = false;
    this.#patience.hear();
    const claimed = await this.#claim;
    // The snapshot has what came of that takeover.
    if (claimed !== undefined && claimed.position <= (this.#place?.position ?? -1)) this.#claim = undefined;
  }

  /** Follows the log until this process owns it. */
  async #standBy(): Promise<void> {
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#closing.signal]);
    const stopWatching = this.#patience.watch(() => {
      if (this.#options.yields?.() === true && !this.#patience.isLong) return;
      this.#trying ??= this.#tryTakeOver(false);
    });
    const place = this.#place;
    let isFirst = place !== undefined;
    try {
      const backlog = new Backlog(this.#options.log);
      for await (const frames of this.#options.log.follow(place ?? LOG_START, signal)) {
        if (isFirst) checkFirst(frames[0], place);
        const isBacklog = await backlog.has(frames);
        const goesOn = await applyRuns(isFirst ? frames.slice(1) : frames, async (run) => {
          await this.#take(run, isBacklog);
          this.age.took();
          return this.#role !== 'owner';
        });
        // By what was so then: the ownership may have ended since, and frames behind its beginning were left out.
        if (!goesOn) return;
        isFirst = false;
      }
    } finally {
      stopWatching();
      done.abort();
    }
  }

  async #take(run: Run, isBacklog: boolean): Promise<void> {
    const { replica } = this.#parts;
    const { frames, beat } = run;
    this.#framesSeen += frames.length;
    for (const { payload } of frames) this.#bytesApplied += payload.length;
    this.#patience.hear();
    const [first] = frames;
    if (first?.kind === 'takeover') return await this.#takeTakeOver(first);
    await applyRun(replica, run, isBacklog);
    if (first?.kind === 'handover') {
      this.#owner.info = undefined;
      this.#patience.shorten();
    } else if (beat !== undefined) this.#owner.info = beat.owner;
  }

  async #takeTakeOver(frame: SharedFrame): Promise<void> {
    const { replica } = this.#parts;
    const { owner, term, position } = frame;
    const claimed = await this.#claim;
    const known = this.#place?.version ?? '';
    const version = owner !== undefined && compareVersions(owner.version, known) > 0 ? owner.version : known;
    await replica.takeOver(frame, version);
    this.#owner.info = owner;
    if (claimed === undefined) return;
    if (claimed.position <= position) this.#claim = undefined;
    if (claimed.position !== position) return;
    this.#term = term;
    this.#reign = new AbortController();
    this.#role = 'owner';
    this.#options.logger.info({ term }, 'this machine owns the shared log now');
    this.#announce();
  }

  get #parts(): EngineCopy {
    if (this.#copy === undefined) throw new Error('the member was not started');
    return this.#copy;
  }

  async #tryTakeOver(isAsked: boolean): Promise<void> {
    const { log, self, logger } = this.#options;
    try {
      // Until then parts of this process may take themselves for the owner's.
      await this.#announced;
      const newest = this.#place?.version ?? '';
      if (compareVersions(self.version, newest) < 0) {
        logger.warn(
          { newest },
          'this machine does not take over: a newer version of nagare has written to the log',
        );
        return this.#patience.hear();
      }
      if (this.#isBehind || this.#claim !== undefined || (!isAsked && !(await this.#isQuiet()))) return;
      if (this.#isRetired || this.#role === 'owner') return;
      const acknowledged = this.#freshness.sent();
      this.#claim = log.takeOver(self, this.#place ?? LOG_START).catch((error: unknown) => {
        if (!(error instanceof DeposedError))
          logger.warn({ err: error }, 'the shared log could not be taken over');
        return undefined;
      });
      if ((await this.#claim) === undefined) this.#claim = undefined;
      else acknowledged();
      this.#patience.hear();
    } finally {
      this.#trying = undefined;
    }
  }

  /** Appends heartbeats until this process is deposed or leaves. */
  async #reignOn(): Promise<void> {
    const { signal } = this.#reign;
    for (let turn = 0; !signal.aborted; turn++) {
      await sleep(this.#timers, this.#patience.heartbeatEveryMs, signal);
      if (signal.aborted) return;
      // A commit says as much, but not who the owner is: a standby that has started holds its requests until it knows.
      if (!this.#hasCommitted || turn % 2 === 0) await this.#beat('heartbeat');
      this.#hasCommitted = false;
    }
  }

  /** In turn, so that the copy never claims a place before it has the commits up to there. */
  async #beat(kind: 'heartbeat' | 'handover'): Promise<void> {
    const { log, clock, self } = this.#options;
    const { replica } = this.#parts;
    await replica.inTurn(async () => {
      if (this.#role !== 'owner') return;
      const term = this.#term;
      const timeMs = clock.now();
      if (kind === 'handover') this.#role = 'standby';
      const acknowledged = this.#freshness.sent();
      try {
        const position = await log.append(kind, encodeBeat({ timeMs, owner: self }));
        acknowledged();
        replica.pass({ term, position }, timeMs);
      } catch (error) {
        this.#depose(error);
      }
    });
  }

  async #handOver(): Promise<void> {
    if (this.#role !== 'owner') return;
    await this.#beat('handover');
    if (!this.#reign.signal.aborted) this.#stepDown();
  }

  #depose(error: unknown): void {
    if (this.#reign.signal.aborted) return;
    const { logger } = this.#options;
    if (error instanceof DeposedError)
      logger.warn({ term: this.#term }, 'another machine owns the shared log now');
    else logger.error({ err: error }, 'the shared log failed: this machine gives it up');
    this.#stepDown();
  }

  #stepDown(): void {
    this.#role = 'standby';
    this.#owner.info = undefined;
    this.#patience.hear();
    this.#reign.abort();
    this.#announce();
  }

  #announce(): void {
    const role = this.#role;
    this.#announced = this.#announced
      .then(() => this.#options.onRole?.(role))
      .catch((error: unknown) => this.#lose(error));
  }

  #lose(error: unknown): void {
    this.#lost.resolve(error instanceof Error ? error : new Error(String(error)));
  }
}
