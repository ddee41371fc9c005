import type { StoredMessage } from './message-log.ts';

export interface WaitingMessage<Lease> {
  readonly index: number;
  /** Undefined when it is not in memory: it is read when it is received. */
  readonly stored: StoredMessage | undefined;
  readonly lease: Lease | undefined;
}

/** The messages of a message group that were read from the log: those that wait, in order, and those in flight. */
export class Group<Lease extends { readonly index: number }> {
  readonly id: string;
  readonly inFlight = new Set<number>();
  #waiting: (WaitingMessage<Lease> | undefined)[] = [];
  #head = 0;

  constructor(id: string) {
    this.id = id;
  }

  get isEmpty(): boolean {
    return this.inFlight.size === 0 && this.first === undefined;
  }

  get first(): WaitingMessage<Lease> | undefined {
    return this.#waiting[this.#head];
  }

  /** Whether the first message may be received: no earlier one is in flight. At most those of one receive are. */
  get isAvailable(): boolean {
    const { first } = this;
    if (first === undefined) return false;
    for (const other of this.inFlight) if (other < first.index) return false;
    return true;
  }

  add(message: WaitingMessage<Lease>): void {
    this.#waiting.push(message);
  }

  takeFirst(): void {
    this.#waiting[this.#head++] = undefined;
    if (this.#head < 64 || this.#head * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#head);
    this.#head = 0;
  }

  /** Puts a message that was received back to its place, which is among the first. */
  giveBack(message: WaitingMessage<Lease>): void {
    this.inFlight.delete(message.index);
    let at = this.#head;
    while ((this.#waiting[at]?.index ?? Infinity) < message.index) at++;
    if (at === this.#head && at > 0) this.#waiting[--this.#head] = message;
    else this.#waiting.splice(at, 0, message);
  }

  /** Returns whether it was waiting. */
  remove(lease: Lease): boolean {
    if (this.inFlight.delete(lease.index)) return false;
    const at = this.#waiting.findIndex((one) => one?.lease === lease);
    if (at < 0) return false;
    this.#waiting.splice(at, 1);
    return true;
  }
}
