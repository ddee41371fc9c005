import type { DescribeRecords, RecordRange } from '../../engine.ts';
import type { Finding } from '../../../support/findings.ts';
import type { MemoryTables } from '../memory-tables.ts';
import { describeUnowned } from '../read/damage-reporter.ts';
import type { Damage } from './inspect-segment.ts';

/** Describes damage in the user's terms. `folder` is the engine's folder, relative to the data folder. */
export function findingOf(
  { file, offset, problem, records, subject }: Damage,
  describe: (records: RecordRange) => string,
  folder = 'engine',
): Finding {
  const place = { problem, file: `${folder}/${file}`, offset };
  if (records !== undefined) return { ...place, subject: describe(records) };
  return subject === undefined ? place : { ...place, subject };
}

export function describeBy(
  tables: MemoryTables,
  describe: DescribeRecords | undefined,
): (records: RecordRange) => string {
  return (records) => describe?.(tables, records) ?? describeUnowned(records);
}
