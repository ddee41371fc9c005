import type { Log } from '../../../support/log.ts';
import { DamagedRecordsError, type DescribeRecords, type RecordRange } from '../../engine.ts';
import type { MemoryTables } from '../memory-tables.ts';

/** Each damaged place is logged once; this many are remembered. */
const LOGGED_MAX = 1000;

export interface DamageReporterOptions {
  readonly log: Log;
  readonly tables: MemoryTables;
  readonly describe: DescribeRecords;
  /** Called for each read that encounters damaged records: counts them in a metric. */
  readonly onDamage: () => void;
}

/** Turns damage that a read encounters into a log line and an error, in the user's terms. */
export class DamageReporter {
  readonly #options: DamageReporterOptions;
  readonly #logged = new Set<string>();

  constructor(options: DamageReporterOptions) {
    this.#options = options;
  }

  report(
    records: RecordRange,
    place: { readonly file: string; readonly offset: number },
  ): DamagedRecordsError {
    const { log, tables, describe, onDamage } = this.#options;
    onDamage();
    const subject = describe(tables, records) ?? describeUnowned(records);
    const key = `${place.file}:${place.offset}`;
    if (!this.#logged.has(key)) {
      if (this.#logged.size < LOGGED_MAX) this.#logged.add(key);
      log.error(
        { subject, file: place.file, offset: place.offset },
        'checksum mismatch: stored records are damaged and are not served; `nagare verify` lists all damage',
      );
    }
    return new DamagedRecordsError(records, subject);
  }
}

/** For logs that no service owns: a description in the engine's own terms. */
export function describeUnowned({ log, firstIndex, count }: RecordRange): string {
  return `log ${log}, records ${firstIndex} to ${firstIndex + count - 1}`;
}
