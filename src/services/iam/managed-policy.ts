import type { Tags } from '../../aws/tags.ts';
import type { PolicyVersionRow } from './rows.ts';

/** A policy of the account, or one of AWS's. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly description?: string | undefined;
  readonly versions: readonly PolicyVersionRow[];
  readonly defaultVersion: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly tags: Tags;
}
