import type { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

/** What the operations work on. */
export interface SnsContext {
  readonly topics: Topics;
  readonly publisher: Publisher;
}
