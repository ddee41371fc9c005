import { deleteConflict } from './errors.ts';
import type { PrincipalRow } from './rows.ts';

/** Throws DeleteConflict while a user, group or role has policies. */
export function requireNoPolicies({ attached, inline }: PrincipalRow): void {
  if (attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (inline.length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}
