import assert from 'node:assert/strict';

/** Something that is changed step by step. The step that a kill interrupts may be done or not; no other may be undone. */
export class Fact<Value extends string | number> {
  readonly #name: string;
  #value: Value;
  #next: Value | undefined;

  constructor(name: string, value: Value) {
    this.#name = name;
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  /** `change` answers whether it was done, and undefined when the server was killed meanwhile. */
  async become(value: Value, change: () => Promise<boolean | undefined>): Promise<void> {
    this.#next = value;
    const done = await change();
    if (done === undefined) return;
    this.#next = undefined;
    if (done) this.#value = value;
  }

  /** What it is after a restart. */
  settle(seen: Value): void {
    const allowed = this.#next === undefined ? [this.#value] : [this.#value, this.#next];
    assert(allowed.includes(seen), `${this.#name} is ${seen} and not ${allowed.join(' or ')}`);
    this.#value = seen;
    this.#next = undefined;
  }
}
