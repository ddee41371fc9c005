import { lambdaLimits } from '../limits.ts';
import { randomInt } from 'node:crypto';

const { functionUserIdFirst: first, functionUserIds: count } = lambdaLimits;

export const functionUserIds: readonly number[] = Array.from({ length: count }, (_, place) => first + place);

/**
 * Allocates users for functions, one per process, so that no process can reach another's processes and files. Neither
 * distributions nor systemd assign IDs in this range.
 */
export class UserIds {
  readonly #taken = new Set<number>();

  /** Returns a user that no other process of this server has. */
  take(): number {
    if (this.#taken.size >= count) throw new Error('more function processes than user ids');
    // Another server on this machine may allocate from the same range.
    let userId = first + randomInt(count);
    while (this.#taken.has(userId)) userId = first + ((userId - first + 1) % count);
    this.#taken.add(userId);
    return userId;
  }

  release(userId: number): void {
    this.#taken.delete(userId);
  }
}
