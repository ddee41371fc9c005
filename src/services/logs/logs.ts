import { join } from 'node:path';
import type { RegionAndAccount } from '../../aws/arn.ts';
import type { TagSource } from '../../aws/tagged-resources.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { register } from '../registration.ts';
import { logsLimits } from './limits.ts';
import type { Service } from '../../protocol/service.ts';
import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { LogsContext } from './context.ts';
import { logGroupDeclarer, logGroupsSection } from './declared.ts';
import { LiveTails } from './live-tail.ts';
import { describeEvents } from './engine-segments.ts';
import { LogStore, type LogStoreOptions } from './log-store.ts';
import { serviceOf } from './logs-service.ts';
import { eventMoves, LOGS_FOLDER } from './move-events.ts';
import { operations } from './operations/index.ts';
import { groupTags } from './tag-source.ts';
import { RetentionSweeper } from './retention-sweeper.ts';
import { openAtStandby } from './standby.ts';

export interface LogsOptions extends LogStoreOptions, RegionAndAccount {}

/** CloudWatch Logs: log groups of functions, of other services, and of clients that put events. */
export interface Logs {
  readonly service: Service;
  readonly store: LogStore;
  readonly tags: TagSource;
  readonly declarer: Declarer;
  /** Ends Live Tail sessions. */
  /** Ends what takes its time. */
  quiesce(): Promise<void>;
  close(): Promise<void>;
}

export const logs = register({
  name: 'logs',
  needs: [],
  offers: ['logs'],
  declares: [logGroupsSection],
  describeRecords: describeEvents,
  moves: eventMoves,
  atStandby: { needs: [], offers: [], open: async (context) => openAtStandby(context) },
  async open({ config, ...context }) {
    const opened = await openLogs({ ...context, folder: join(config.dataDir, LOGS_FOLDER) });
    context.taggedResources.register('logs', opened.tags);
    return {
      service: opened.service,
      declarer: opened.declarer,
      offers: { logs: opened.store },
      quiesce: () => opened.quiesce(),
      close: () => opened.close(),
    };
  },
});

/** Opens the log groups of earlier runs. */
export async function openLogs(options: LogsOptions): Promise<Logs> {
  const { region, accountId, clock, log } = options;
  const store = await LogStore.open(options);
  const sweeper = new RetentionSweeper(store, clock, log);
  const tails = new LiveTails(clock);
  const reads = new ConcurrencyLimit(logsLimits.readsAtOnceMax);
  const context: LogsContext = { logs: store, tails, reads, clock, region, accountId };
  const quiesce = async (): Promise<void> => {
    tails.close();
    await sweeper.close();
  };
  return {
    service: serviceOf(operations, context),
    store,
    tags: groupTags(context),
    declarer: logGroupDeclarer(context),
    quiesce,
    async close() {
      await quiesce();
      await store.close();
    },
  };
}
