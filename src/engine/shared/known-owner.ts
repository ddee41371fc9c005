import type { OwnerInfo } from './shared-log.ts';

/** Who owns the log, as far as a standby knows. */
export class KnownOwner {
  readonly #onOther: () => void;
  #info: OwnerInfo | undefined;

  /** `onOther` is called when it is another one, or none. */
  constructor(onOther: () => void) {
    this.#onOther = onOther;
  }

  get info(): OwnerInfo | undefined {
    return this.#info;
  }

  set info(info: OwnerInfo | undefined) {
    const isOther = info?.url !== this.#info?.url;
    this.#info = info;
    if (isOther) this.#onOther();
  }
}
