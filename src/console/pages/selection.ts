import { setQuery } from './router.ts';

/** The record that is open. */
export interface Selection {
  readonly shard: string;
  readonly seq: string;
}

export function selectionOf(text: string | undefined): Selection | undefined {
  const [shard, seq] = text?.split(':') ?? [];
  return shard === undefined || seq === undefined ? undefined : { shard, seq };
}

export function select(row: Selection | undefined): void {
  setQuery({ r: row === undefined ? undefined : `${row.shard}:${row.seq}` });
}
