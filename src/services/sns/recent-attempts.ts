import { snsLimits } from './limits.ts';

/** One attempt to deliver a message to a subscription. */
export interface Attempt {
  readonly timeMs: number;
  readonly durationMs: number;
  readonly outcome: 'Delivered' | 'Retrying' | 'GivenUp';
  /** Of an HTTP endpoint that has answered. */
  readonly status: number | undefined;
  /** Why it failed. */
  readonly reason: string | undefined;
}

/** The last attempts of the subscriptions that were last delivered to, in memory: for people who ask what is wrong. */
export class RecentAttempts {
  /** By the ARN of the subscription, the one of the newest attempt last. */
  readonly #attempts = new Map<string, Attempt[]>();

  add(subscriptionArn: string, attempt: Attempt): void {
    const known = this.#attempts.get(subscriptionArn) ?? [];
    const { reason } = attempt;
    known.push({ ...attempt, reason: reason?.slice(0, snsLimits.attemptReasonCharactersMax) });
    if (known.length > snsLimits.attemptsKept) known.shift();
    this.#attempts.delete(subscriptionArn);
    this.#attempts.set(subscriptionArn, known);
    if (this.#attempts.size <= snsLimits.attemptedSubscriptionsMax) return;
    for (const oldest of this.#attempts.keys()) {
      this.#attempts.delete(oldest);
      return;
    }
  }

  /** The newest first. */
  of(subscriptionArn: string): Attempt[] {
    return this.#attempts.get(subscriptionArn)?.toReversed() ?? [];
  }
}
