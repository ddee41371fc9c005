import { KeyedLock } from '../../../src/support/keyed-lock.ts';
import { DEFAULT_LINE_FORMAT } from '../../../src/services/listlog/line-format.ts';
import type { ListLogRow } from '../../../src/services/listlog/rows.ts';
import { RunningLog } from '../../../src/services/listlog/running-log.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import type { ObjectStore } from '../../../src/services/s3/object-store.ts';
import type { Clock } from '../../../src/support/clock.ts';
import { silentLog, type Log } from '../../../src/support/log.ts';
import type { FakeStreams } from '../../support/fake-streams.ts';

/** A clock that never keeps anybody waiting: a pause passes with the next turn of the event loop. */
export function hastyClock(): Clock {
  let nowMs = Date.UTC(2026, 10, 22);
  return {
    now: () => nowMs,
    schedule(delayMs, callback) {
      const immediate = setImmediate(() => {
        nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(immediate);
    },
  };
}

export const row: ListLogRow = {
  name: 'log',
  id: 'id-of-log',
  stream: 's',
  bucket: 'b',
  key: 'log.txt',
  format: DEFAULT_LINE_FORMAT,
  timeZone: 'UTC',
  startingPosition: { type: 'TRIM_HORIZON' },
  createdMs: 0,
  written: false,
};

/** What the catalog would keep over a restart. */
export interface Kept {
  row: ListLogRow;
}

/** One writer of a list log, as one server would run it. Not yet started. */
export function listLog(
  streams: FakeStreams,
  store: ObjectStore,
  kept: Kept = { row },
  metrics = new MetricRegistry(),
  log: Log = silentLog,
): RunningLog {
  return new RunningLog({
    row: kept.row,
    store: () => Promise.resolve(store),
    streams,
    starts: { load: () => undefined },
    shardLocks: new KeyedLock(),
    metrics,
    clock: hastyClock(),
    log,
    async onFirstWrite() {
      kept.row = { ...kept.row, written: true };
    },
  });
}
