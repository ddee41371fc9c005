import type { RequestTraces } from '../../protocol/trace-context.ts';
import type { RecentAttempts } from './recent-attempts.ts';
import type { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

/** The state that SNS's operations share. */
export interface SnsContext {
  readonly topics: Topics;
  readonly publisher: Publisher;
  readonly attempts: RecentAttempts;
  readonly traces: RequestTraces;
}

/** What operations need that only read. All of it is in rows. */
export type SnsReads = Pick<SnsContext, 'topics'>;
