import { MendableError } from '../errors.ts';

/** What to tell of an error that the user can mend; undefined for a fault of ours, which keeps its stack. */
export function explain(error: unknown): string | undefined {
  return error instanceof MendableError ? error.message : undefined;
}
