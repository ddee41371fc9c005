import { resolve } from 'node:path';

import type { VerifyReport } from '../../../support/findings.ts';
import { type OnRead, pacer } from '../../../support/pace.ts';
import type { DescribeRecords } from '../../engine.ts';
import type { Disk } from '../disk.ts';
import { nodeDisk } from '../node-disk.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { describeBy, findingOf } from './describe-damage.ts';
import { listSegments } from './inspect-segment.ts';
import { pacedDisk } from './paced-disk.ts';
import { rowCount } from './inspect-tables.ts';
import { damagesIn, inspectStore } from './salvage.ts';

export interface ScrubOptions {
  readonly folder: string;
  readonly bytesPerSecond: number;
  readonly onRead?: OnRead | undefined;
  readonly describeRecords?: DescribeRecords;
  readonly disk?: Disk;
}

/**
 * Reads all durable data and verifies every checksum, from any process, whether or not a server runs on the folder:
 * sealed segments and table files never change, and the current segment is read up to its durable watermark. Changes
 * nothing. Files that the server removes meanwhile are skipped.
 */
export async function scrubEngine(options: ScrubOptions): Promise<VerifyReport> {
  const { bytesPerSecond, onRead } = options;
  const whole = options.disk ?? nodeDisk(resolve(options.folder));
  const disk = pacedDisk(whole, pacer(bytesPerSecond, { onRead }));
  const mark = await DurableWatermark.read(disk);
  const present = (await listSegments(disk)).filter(({ number }) => number <= (mark?.segment ?? 0));
  const inspection = await inspectStore(disk, present, { isRunning: true });
  const { inspections, tables, state } = inspection;
  const describe = describeBy(state.tables, options.describeRecords);
  return {
    checked: [
      ['file', inspections.length + tables.length],
      ['commit', inspections.reduce((sum, { frames }) => sum + frames, 0)],
      ['record', inspections.reduce((sum, { records }) => sum + records, 0)],
      ...rowCount(tables),
    ],
    findings: damagesIn(inspection).map((damage) => findingOf(damage, describe)),
  };
}
