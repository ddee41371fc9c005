/** What has been started and must be stopped. */
export interface Closable {
  close(): Promise<void>;
}

/**
 * The parts of a running server, in the order in which they were started. They are stopped in reverse, but for one
 * thing: what makes calls of its own stops before the door is shut, so that its last calls find it open; what is
 * called stops after, when the last caller has been answered.
 */
export class Lifecycle {
  readonly #callers: Closable[] = [];
  readonly #doors: Closable[] = [];
  readonly #called: Closable[] = [];
  #closing: Promise<void> | undefined;

  /** Calls others, perhaps through the door. */
  caller<P extends Closable>(part: P): P {
    this.#callers.push(part);
    return part;
  }

  /** Where requests come in. */
  door<P extends Closable>(part: P): P {
    this.#doors.push(part);
    return part;
  }

  /** Is called by others. */
  called<P extends Closable>(part: P): P {
    this.#called.push(part);
    return part;
  }

  /** Stops all, each when the one before it has stopped. One that fails keeps none of the others running. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const parts of [this.#callers, this.#doors, this.#called]) {
      for (const part of parts.toReversed()) {
        try {
          await part.close();
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, 'several parts failed to stop');
    if (failures.length === 1) throw failures[0];
  }
}
