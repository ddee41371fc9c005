/** Something that was started and must be stopped. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * The parts of a running server, in the order in which they were started. They stop in reverse order within three
 * phases: parts that send requests stop before the listener, so that their last requests are still answered; parts
 * that requests depend on stop last, when the last request has been answered.
 */
export class Lifecycle {
  readonly #callers: Closable[] = [];
  readonly #doors: Closable[] = [];
  readonly #called: Closable[] = [];
  readonly #failures: unknown[] = [];
  #quiescing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Registers a part that sends requests, possibly through the listener. */
  caller<P extends Closable>(part: P): P {
    this.#callers.push(part);
    return part;
  }

  /** Registers the listener that takes requests. */
  door<P extends Closable>(part: P): P {
    this.#doors.push(part);
    return part;
  }

  /** Registers a part that requests depend on. */
  called<P extends Closable>(part: P): P {
    this.#called.push(part);
    return part;
  }

  /** Stops the parts that send requests; `close` stops the others. */
  quiesce(): Promise<void> {
    return (this.#quiescing ??= this.#stop(this.#callers));
  }

  /** Stops all parts, one after the other. A part that fails to stop does not keep the others running. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #stop(parts: readonly Closable[]): Promise<void> {
    for (const part of parts.toReversed()) {
      try {
        await part.close();
      } catch (error) {
        this.#failures.push(error);
      }
    }
  }

  async #close(): Promise<void> {
    await this.quiesce();
    await this.#stop(this.#doors);
    await this.#stop(this.#called);
    const failures = this.#failures;
    if (failures.length > 1) throw new AggregateError(failures, 'several parts failed to stop');
    if (failures.length === 1) throw failures[0];
  }
}
