import { formatLimits } from './limits.ts';
import type { SerDeRules } from './serde.ts';

/** Finds the column, or the field of a struct, that a key of a record is for. */
export class FieldIndex {
  readonly #rules: SerDeRules;
  readonly #exact = new Map<string, number>();
  readonly #normalized = new Map<string, number>();
  /** What keys that are not exact are for. */
  readonly #remembered = new Map<string, number>();

  constructor(
    names: readonly string[],
    rules: SerDeRules,
    keyOfColumn: Readonly<Record<string, string>> = {},
  ) {
    this.#rules = rules;
    for (const [index, name] of names.entries()) {
      const key = (Object.hasOwn(keyOfColumn, name) ? keyOfColumn[name] : undefined) ?? name;
      this.#exact.set(key, index);
      this.#normalized.set(this.#caseOf(key), index);
    }
  }

  /** Undefined when the key is exactly that of no column. */
  exact(key: string): number | undefined {
    return this.#exact.get(key);
  }

  /** By the SerDe's options for case and dots; -1 for a key of no column. */
  similar(key: string): number {
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const found = this.#normalized.get(normalKey(this.#caseOf(key), this.#rules)) ?? -1;
    if (this.#remembered.size < formatLimits.keysRememberedMax) this.#remembered.set(key, found);
    return found;
  }

  #caseOf(key: string): string {
    return this.#rules.caseInsensitive ? key.toLowerCase() : key;
  }
}

/** A key as the SerDe hands it on. */
export function normalKey(key: string, { lowersKeys, convertsDots }: SerDeRules): string {
  const cased = lowersKeys ? key.toLowerCase() : key;
  return convertsDots ? cased.replaceAll('.', '_') : cased;
}
