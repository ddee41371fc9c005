/** The engine told as simply as can be: what a sequence of operations leaves behind. */
export type Operation =
  | {
      readonly kind: 'append';
      readonly batches: readonly { readonly log: number; readonly texts: readonly string[] }[];
    }
  | {
      readonly kind: 'commit';
      readonly batches: readonly { readonly log: number; readonly texts: readonly string[] }[];
      readonly key: string;
    }
  | { readonly kind: 'trim'; readonly log: number; readonly before: number }
  | { readonly kind: 'seal'; readonly log: number }
  | { readonly kind: 'drop'; readonly log: number }
  | { readonly kind: 'put'; readonly key: string; readonly value: number }
  | { readonly kind: 'increment'; readonly key: string }
  | { readonly kind: 'delete'; readonly key: string }
  /** Rows of a table on disk; null deletes. */
  | { readonly kind: 'rows'; readonly changes: readonly (readonly [key: string, value: string | null])[] };

interface ModelLog {
  first: number;
  texts: string[];
  sealed: boolean;
  dropped: boolean;
}

export class Model {
  readonly #logs = new Map<number, ModelLog>();
  readonly rows = new Map<string, number>();
  readonly diskRows = new Map<string, string>();

  clone(): Model {
    const copy = new Model();
    for (const [id, log] of this.#logs) copy.#logs.set(id, { ...log, texts: [...log.texts] });
    for (const [key, value] of this.rows) copy.rows.set(key, value);
    for (const [key, value] of this.diskRows) copy.diskRows.set(key, value);
    return copy;
  }

  /** Also what cannot be seen: whether an empty log was dropped or sealed. */
  get identity(): string {
    return JSON.stringify([
      [...this.#logs].sort(([a], [b]) => a - b),
      [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1)),
      describeRows(this.diskRows),
    ]);
  }

  /** Gives the first indexes of an append, or undefined when it is refused. */
  apply(operation: Operation): number[] | undefined {
    switch (operation.kind) {
      case 'append':
        return this.#append(operation.batches);
      case 'commit': {
        const indexes = this.#append(operation.batches);
        const [first] = indexes ?? [];
        if (first !== undefined) this.rows.set(operation.key, first);
        return indexes;
      }
      case 'trim': {
        const log = this.log(operation.log);
        log.first = Math.max(log.first, Math.min(operation.before, log.texts.length));
        return undefined;
      }
      case 'seal':
        this.log(operation.log).sealed = true;
        return undefined;
      case 'drop':
        this.#logs.set(operation.log, { first: 0, texts: [], sealed: false, dropped: true });
        return undefined;
      case 'put':
        this.rows.set(operation.key, operation.value);
        return undefined;
      case 'increment':
        this.rows.set(operation.key, (this.rows.get(operation.key) ?? 0) + 1);
        return undefined;
      case 'delete':
        this.rows.delete(operation.key);
        return undefined;
      case 'rows':
        for (const [key, value] of operation.changes) {
          if (value === null) this.diskRows.delete(key);
          else this.diskRows.set(key, value);
        }
        return undefined;
    }
  }

  log(id: number): ModelLog {
    let log = this.#logs.get(id);
    if (log === undefined) this.#logs.set(id, (log = { first: 0, texts: [], sealed: false, dropped: false }));
    return log;
  }

  /** All that can be seen, as text: two stores are alike when these are. */
  describe(logs: readonly number[]): string {
    const lines = logs.map((id) => {
      const { first, texts, sealed, dropped } = this.log(id);
      return describeLog(
        id,
        { firstIndex: first, nextIndex: texts.length, sealed: sealed && !dropped },
        texts.slice(first),
      );
    });
    const rows = [...this.rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`);
    return [...lines, rows.join(' '), describeRows(this.diskRows)].join('\n');
  }

  #append(
    batches: readonly { readonly log: number; readonly texts: readonly string[] }[],
  ): number[] | undefined {
    const refused = batches.some(({ log }) => this.log(log).sealed || this.log(log).dropped);
    if (refused) return undefined;
    return batches.map(({ log, texts }) => this.log(log).texts.push(...texts) - texts.length);
  }
}

export function describeRows(rows: Iterable<readonly [key: string, value: string]>): string {
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

export function describeLog(
  id: number,
  bounds: { readonly firstIndex: number; readonly nextIndex: number; readonly sealed: boolean },
  texts: readonly string[],
): string {
  return `${id} [${bounds.firstIndex}, ${bounds.nextIndex})${bounds.sealed ? ' sealed' : ''}: ${texts.join(' ')}`;
}
