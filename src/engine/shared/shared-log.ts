/**
 * A log of frames that several processes share, each on a machine of its own: a Kafka partition, a prefix of an S3
 * store, or memory in tests. One process owns it, by a term; the others follow it and take over when it is gone.
 *
 * Two fences keep an owner that was replaced from changing anything. The store's own refuses what it writes (Kafka's
 * producer epoch, S3's conditional writes). Where that does not hold, the content does: every frame carries its term,
 * and a frame of a lower term than one before it is void for every reader. docs/decisions/shared-log.md has the reasons.
 *
 * Implementations store the bytes of envelope.ts and leave void frames out with valid-frames.ts.
 */
export interface SharedLog {
  /**
   * Becomes the owner: appends a frame of kind `takeover` with the term after `seen.term`. After it no append of an
   * earlier owner counts. When it resolves, that frame is valid and this process wrote it: of several processes that take
   * over at once, exactly one succeeds, and the others are rejected with DeposedError. So is a process that has not seen
   * the newest term. A log may be taken over again after its owner was deposed.
   */
  takeOver(owner: OwnerInfo, seen: LogPlace): Promise<LogPlace>;
  /**
   * Appends a frame of the present term; durable and in order when it resolves, with its position. Repeats the same
   * frame until it is stored or refused. Rejects with DeposedError when another owner has taken over, and for a process
   * that never did. Whether the frame counts is then known only from `follow`: it may have been stored before the
   * takeover, and its answer lost. Calls may overlap; they are stored in call order. The pieces of the payload must not
   * change until it settles.
   */
  append(kind: AppendedKind, payload: readonly Uint8Array[]): Promise<number>;
  /**
   * The valid frames from `from.position` on, including that one, and then each new one until the signal aborts (then it
   * ends without an error). Those that have arrived together come together, one at least; the memory of their payloads
   * may be used again when the next ones are asked for. Frames of a lower term than `from.term` are void. Rejects with TrimmedError if the position was trimmed: the reader needs a snapshot.
   */
  follow(from: LogPlace, signal: AbortSignal): AsyncIterable<readonly SharedFrame[]>;
  /** Where the log begins and where the next frame goes, as far as this process knows after asking the store. */
  bounds(): Promise<{ readonly first: number; readonly next: number }>;
  /** Removes the frames before a position: a snapshot contains them. The store may keep them for longer. */
  trim(before: number): Promise<void>;
  /** What is under way is rejected; readers end. */
  close(): Promise<void>;
}

export interface LogPlace {
  readonly term: number;
  readonly position: number;
}

/** Where a reader of the whole log begins. */
export const LOG_START: LogPlace = { term: 0, position: 0 };

/** What followers learn of an owner: where requests go. */
export interface OwnerInfo {
  /** Of its own port, as other machines reach it. */
  readonly url: string;
  /** Of nagare, as in package.json. A log written by a newer version is not taken over by an older one. */
  readonly version: string;
  /** What the machines need alike, by name; secrets as fingerprints. Older versions do not tell. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * `commit`: a group commit of the engine. `heartbeat`: nothing but "the owner lives". `handover`: the owner leaves, and a
 * standby may take over at once.
 */
export type AppendedKind = 'commit' | 'heartbeat' | 'handover';

export interface SharedFrame extends LogPlace {
  readonly kind: AppendedKind | 'takeover';
  /** Positions rise, but not always by one. */
  readonly position: number;
  readonly payload: Uint8Array;
  /** Of frames of kind `takeover`. */
  readonly owner?: OwnerInfo;
}

/** Another process owns the log now. */
export class DeposedError extends Error {
  override readonly name = 'DeposedError';
}

/** The frames at this position were removed. */
export class TrimmedError extends Error {
  override readonly name = 'TrimmedError';
  readonly first: number;

  constructor(first: number) {
    super(`The shared log begins at position ${first}: what was before is in a snapshot.`);
    this.first = first;
  }
}
