import { lambdaLimits } from '../limits.ts';
import { randomInt } from 'node:crypto';

const { functionUserIdFirst: first, functionUserIds: count } = lambdaLimits;

export const functionUserIds: readonly number[] = Array.from({ length: count }, (_, place) => first + place);

/**
 * Users that functions run as, one for each process: what one of them may do to its own processes and files, it may
 * not do to another's. The range is one that neither distributions nor systemd give to anybody.
 */
export class UserIds {
  readonly #taken = new Set<number>();

  /** A user that no other process of this server has. */
  take(): number {
    if (this.#taken.size >= count) throw new Error('more function processes than user ids');
    // Another server on this machine takes from the same range.
    let userId = first + randomInt(count);
    while (this.#taken.has(userId)) userId = first + ((userId - first + 1) % count);
    this.#taken.add(userId);
    return userId;
  }

  release(userId: number): void {
    this.#taken.delete(userId);
  }
}
