import { register } from '../registration.ts';
import { limits } from '../../limits.ts';
import { service, type Service } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { declaredListLog, type ListLogDeclaration } from './declared.ts';
import { ListLogs, type ListLogsOptions } from './list-logs.ts';
import { operations } from './operations/index.ts';

export interface ListLogService {
  readonly service: Service;
  /** Of a declaration, before any is carried out; `others` are declared as well. Throws ServiceError. */
  checkListLog(
    name: string,
    declaration: ListLogDeclaration,
    others: Readonly<Record<string, ListLogDeclaration>>,
  ): void;
  /** Makes the list log, or gives one that has the same target the declared format. Throws ServiceError. */
  declareListLog(name: string, declaration: ListLogDeclaration): Promise<void>;
  /** How many do not get on. */
  failingCount(): number;
  /** Stops reading, and waits for the writes under way. */
  close(): Promise<void>;
}

export const listLog = register({
  name: 'listlog',
  needs: ['streams', 'buckets'],
  offers: [],
  open({ config, ...context }, { streams, buckets }) {
    const { store } = buckets;
    const remoteStores = { open: buckets.openRemote.bind(buckets) };
    const opened = openListLogs({ ...context, streams, store, remoteStores });
    return {
      service: opened.service,
      declares: {
        listLog(name, declared) {
          if (declared.endpoint === undefined) buckets.checkName(declared.bucket);
          opened.checkListLog(name, declared, config.declarations.listLogs);
          return () => opened.declareListLog(name, declared);
        },
      },
      warnings() {
        const count = opened.failingCount();
        return count === 0 ? [] : [`list logs that cannot write to their objects: ${count}`];
      },
      quiesce: () => opened.close(),
    };
  },
});

/** Opens the list logs, and puts those to work that were made before. */
export function openListLogs(options: ListLogsOptions): ListLogService {
  const listLogs = new ListLogs(options);
  listLogs.start();
  return {
    service: service('listlog', api, operations, listLogs, limits.listLogRequestBytesMax),
    checkListLog: (name, declaration, others) => listLogs.check(declaredListLog(name, declaration), others),
    declareListLog: (name, declaration) => listLogs.declare(declaredListLog(name, declaration)),
    failingCount: () => listLogs.failingCount(),
    close: () => listLogs.close(),
  };
}
