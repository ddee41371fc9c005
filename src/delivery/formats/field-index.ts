import { formatLimits } from './limits.ts';
import type { SerDeRules } from './serde.ts';

/** Maps keys of records to columns, or to fields of a struct. */
export class FieldIndex {
  readonly #rules: SerDeRules;
  readonly #exact = new Map<string, number>();
  readonly #normalized = new Map<string, number>();
  /** Cached results for keys that do not match exactly. */
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

  /** Undefined if no column matches the key exactly. */
  exact(key: string): number | undefined {
    return this.#exact.get(key);
  }

  /** Matches by the SerDe's options for case and dots; -1 if no column matches. */
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

/** The key as the SerDe normalizes it. */
export function normalKey(key: string, { lowersKeys, convertsDots }: SerDeRules): string {
  const cased = lowersKeys ? key.toLowerCase() : key;
  return convertsDots ? cased.replaceAll('.', '_') : cased;
}
