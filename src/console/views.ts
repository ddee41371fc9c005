import type { RecentChanges } from '../audit/recent-changes.ts';
import type { RequestFeed } from '../audit/request-feed.ts';
import type { Catalog } from '../engine/catalog.ts';
import type { StreamInspector } from '../consumers/stream-inspector.ts';
import type { StreamSource } from '../consumers/source.ts';
import type { HttpRequest } from '../http/message.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { LocalCalls } from '../protocol/local-calls.ts';
import type { ObjectsElsewhere } from '../services/s3/object-store.ts';
import type { Clock } from '../support/clock.ts';

/** What the console shows of the server. */
export interface Views {
  readonly source: StreamSource;
  readonly inspector: StreamInspector;
  readonly calls: LocalCalls;
  readonly changes: Pick<RecentChanges, 'beganMs' | 'list' | 'load' | 'next' | 'own'>;
  readonly requests: Pick<RequestFeed, 'watch'>;
  readonly metrics: MetricRegistry;
  /** Where the objects are, if that is another S3. */
  readonly elsewhere: ObjectsElsewhere | undefined;
  readonly catalog: Pick<Catalog, 'table'>;
  readonly clock: Clock;
  readonly health: () => Promise<{
    readonly problems: readonly { readonly message: string }[];
    readonly warnings: readonly string[];
  }>;
  /** An archive for a maintainer; undefined while another one is being made. */
  readonly support: {
    open(http: HttpRequest, options: { readonly hidesNames: boolean }): AsyncIterable<Uint8Array> | undefined;
  };
  readonly machine: {
    readonly dataFolder: string;
    readonly startedMs: number;
    readonly settings: readonly { readonly name: string; readonly text: string; readonly origin: string }[];
  };
  readonly region: string;
  readonly accountId: string;
}
