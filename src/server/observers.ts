import { RequestLog } from '../audit/request-log.ts';
import type { Config } from '../config.ts';
import type { RequestObserver } from '../protocol/observer.ts';
import type { Log } from '../support/log.ts';

/** Undefined if nothing observes requests, so that they cost nothing more. */
export function observerOf(
  { logLevel }: Config,
  log: Log,
  others: readonly (RequestObserver | undefined)[],
): RequestObserver | undefined {
  const observers = [
    ...(logLevel === 'debug' ? [new RequestLog(log)] : []),
    ...others.filter((observer) => observer !== undefined),
  ];
  const [only, ...more] = observers;
  if (only === undefined || more.length === 0) return only;
  return {
    get isWatching() {
      return observers.some(({ isWatching }) => isWatching);
    },
    answered(answered) {
      for (const observer of observers) if (observer.isWatching) observer.answered(answered);
    },
  };
}
