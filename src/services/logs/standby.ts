import type { Engine } from '../../engine/engine.ts';
import { firstPage } from '../../protocol/first-page.ts';
import type { OperationTable } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { ServiceAtStandby, StandbyContext } from '../registration.ts';
import type { LogsReads } from './context.ts';
import { GroupCopy } from './group-copy.ts';
import { logsLimits } from './limits.ts';
import { LogList } from './log-list.ts';
import { serviceOf } from './logs-service.ts';
import { describeLogGroups } from './operations/describe-log-groups.ts';
import { describeLogStreams } from './operations/describe-log-streams.ts';
import { filterLogEvents } from './operations/filter-log-events.ts';
import { getLogEvents } from './operations/get-log-events.ts';
import type { OperationName } from './operations/index.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTagsLogGroup } from './operations/list-tags-log-group.ts';
import { taggedGroups } from './tag-source.ts';

/** What a machine answers that follows the owner. */
const reads = {
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: firstPage(describeLogStreams, ({ nextToken }) => nextToken),
  FilterLogEvents: filterLogEvents,
  GetLogEvents: getLogEvents,
  ListTagsForResource: listTagsForResource,
  ListTagsLogGroup: listTagsLogGroup,
} satisfies Partial<OperationTable<LogsReads, OperationName>>;

/** The log groups as they are in the copy of this machine. */
export function openAtStandby({
  engine,
  clock,
  watch,
  region,
  accountId,
  taggedResources,
}: StandbyContext): ServiceAtStandby {
  const logs = new LogCopy(engine, clock);
  const end = watch([logs.groupRows.name], (changed) => {
    for (const { key } of changed) if (logs.row(key) === undefined) logs.forget(key);
  });
  const context: LogsReads = {
    logs,
    reads: new ConcurrencyLimit(logsLimits.readsAtOnceMax),
    region,
    accountId,
  };
  taggedResources.register('logs', { resources: () => taggedGroups(context) });
  return {
    service: serviceOf(reads, context),
    close: async () => end(),
  };
}

/** What functions have printed and the owner has not stored is nowhere else. */
class LogCopy extends LogList<GroupCopy> {
  readonly #engine: Engine;
  readonly #groups = new Map<string, GroupCopy>();
  readonly #recoveries = new ConcurrencyLimit(logsLimits.recoveriesAtOnceMax);

  constructor(engine: Engine, clock: Clock) {
    super(engine.catalog, clock);
    this.#engine = engine;
  }

  override settled(): Promise<void> {
    return Promise.resolve();
  }

  override allSettled(): Promise<void> {
    return Promise.resolve();
  }

  forget(groupName: string): void {
    this.#groups.delete(groupName);
  }

  protected override events(groupName: string): GroupCopy {
    let group = this.#groups.get(groupName);
    if (group === undefined) {
      group = new GroupCopy(this.#engine, groupName, this.#recoveries);
      this.#groups.set(groupName, group);
    }
    return group;
  }
}
