import type { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

/** The state that SNS's operations share. */
export interface SnsContext {
  readonly topics: Topics;
  readonly publisher: Publisher;
}
