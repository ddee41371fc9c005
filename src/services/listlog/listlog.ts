import { register } from '../registration.ts';
import { listLogLimits } from './limits.ts';
import { service, type Service } from '../../protocol/service.ts';
import { listLogAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import type { Declarer } from '../../declarations/plan.ts';
import { listLogDeclarer, listLogsSection } from './declared.ts';
import { ListLogs, type ListLogsOptions } from './list-logs.ts';
import { operations } from './operations/index.ts';

export interface ListLogService {
  readonly service: Service;
  readonly declarer: Declarer;
  /** How many list logs cannot write. */
  failingCount(): number;
  /** Stops reading and waits for the writes in progress. */
  close(): Promise<void>;
}

export const listLog = register({
  name: 'listlog',
  needs: ['streams', 'buckets'],
  offers: [],
  declares: [listLogsSection],
  open(context, { streams, buckets }) {
    const { store } = buckets;
    const remoteStores = { open: buckets.openRemote.bind(buckets) };
    const checkBucket = buckets.checkName.bind(buckets);
    const opened = openListLogs({ ...context, streams, store, remoteStores, checkBucket });
    return {
      service: opened.service,
      declarer: opened.declarer,
      warnings() {
        const count = opened.failingCount();
        return count === 0 ? [] : [`list logs that cannot write to their objects: ${count}`];
      },
      quiesce: () => opened.close(),
    };
  },
});

/** Opens the list logs and starts the existing ones. */
export function openListLogs(
  options: ListLogsOptions & {
    /** Throws ServiceError for invalid bucket names. */
    readonly checkBucket?: (name: string) => void;
  },
): ListLogService {
  const listLogs = new ListLogs(options);
  listLogs.start();
  return {
    service: service('listlog', api, operations, listLogs, listLogLimits.requestBytesMax, {
      authorization: listLogAuthorization,
    }),
    declarer: listLogDeclarer(listLogs, options.checkBucket ?? (() => {})),
    failingCount: () => listLogs.failingCount(),
    close: () => listLogs.close(),
  };
}
