import { resolve } from 'node:path';

import type { VerifyReport } from '../../../support/findings.ts';
import { pacer, type Pace } from '../../../support/pace.ts';
import type { DescribeRecords } from '../../engine.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { nodeDisk } from '../node-disk.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { describeBy, findingOf } from './describe-damage.ts';
import { listSegments } from './inspect-segment.ts';
import { rowCount } from './inspect-tables.ts';
import { damagesIn, inspectStore } from './salvage.ts';

export interface ScrubOptions {
  readonly folder: string;
  readonly bytesPerSecond: number;
  readonly describeRecords?: DescribeRecords;
  readonly disk?: Disk;
}

/**
 * Reads all durable data and verifies every checksum, from any process, whether or not a server runs on the folder:
 * sealed segments and table files never change, and the current segment is read up to its durable watermark. Changes
 * nothing. Files that the server removes meanwhile are skipped.
 */
export async function scrubEngine(options: ScrubOptions): Promise<VerifyReport> {
  const disk = pacedDisk(options.disk ?? nodeDisk(resolve(options.folder)), pacer(options.bytesPerSecond));
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

function pacedDisk(disk: Disk, pace: Pace): Disk {
  const paced = (file: DiskFile): DiskFile => ({
    ...bound(file),
    read: async (into, position) => {
      const read = await file.read(into, position);
      await pace(read);
      return read;
    },
  });
  return { ...disk, open: async (path, mode) => paced(await disk.open(path, mode)) };
}

function bound(file: DiskFile): Omit<DiskFile, 'read'> {
  return {
    write: (pieces, position) => file.write(pieces, position),
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    size: () => file.size(),
    close: () => file.close(),
  };
}
