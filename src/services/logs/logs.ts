import { join } from 'node:path';
import { register } from '../registration.ts';
import { logsLimits } from './limits.ts';
import { service, type Service } from '../../protocol/service.ts';
import type { Log } from '../../support/log.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { LogStore } from './log-store.ts';
import { operations } from './operations/index.ts';

export interface LogsOptions {
  /** The folder of the log groups; it is created if it does not exist. */
  readonly folder: string;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
}

/** CloudWatch Logs, limited to reading the output of functions: `aws logs tail /aws/lambda/<function>`. */
export interface Logs {
  readonly service: Service;
  readonly store: LogStore;
  close(): Promise<void>;
}

export const logs = register({
  name: 'logs',
  needs: [],
  offers: ['logs'],
  async open({ config, ...context }) {
    const opened = await openLogs({ ...context, folder: join(config.dataDir, 'functions', 'logs') });
    return { service: opened.service, offers: { logs: opened.store }, close: () => opened.close() };
  },
});

/** Opens the log groups of earlier runs. */
export async function openLogs({ folder, region, accountId, log }: LogsOptions): Promise<Logs> {
  const store = await LogStore.open(folder, log);
  const context = { logs: store, region, accountId };
  return {
    service: service('logs', api, operations, context, logsLimits.requestBytesMax, { unsupported }),
    store,
    close: () => store.close(),
  };
}
