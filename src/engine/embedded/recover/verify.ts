import { resolve } from 'node:path';

import type { VerifyReport } from '../../../support/findings.ts';
import { type OnRead, pacer } from '../../../support/pace.ts';
import type { DescribeRecords } from '../../engine.ts';
import type { Disk } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { nodeDisk } from '../node-disk.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { describeBy, findingOf } from './describe-damage.ts';
import { listSegments, type Damage } from './inspect-segment.ts';
import { pacedDisk } from './paced-disk.ts';
import { recover } from './recover.ts';
import { rowCount } from './inspect-tables.ts';
import { damagesIn, inspectStore } from './salvage.ts';

export interface VerifyOptions {
  readonly folder: string;
  readonly describeRecords?: DescribeRecords;
  readonly disk?: Disk;
  readonly onRead?: OnRead | undefined;
}

/**
 * Reads the whole store while no server runs, and verifies every checksum. Changes nothing but removes the end of a
 * write that was cut short. The caller holds the data folder.
 */
export async function verifyEngine(options: VerifyOptions): Promise<VerifyReport> {
  const disk = options.disk ?? nodeDisk(resolve(options.folder));
  const counted = pacedDisk(disk, pacer(Infinity, options));
  const inspection = await inspectStore(counted, await listSegments(disk));
  const { present, inspections, tables, state } = inspection;
  const damages = damagesIn(inspection);
  const refused = await startDamage(disk, damages);
  if (refused !== undefined) damages.push(refused);
  const describe = describeBy(state.tables, options.describeRecords);
  return {
    checked: [
      ['file', present.length + tables.length],
      ['commit', inspections.reduce((sum, { frames }) => sum + frames, 0)],
      ['record', inspections.reduce((sum, { records }) => sum + records, 0)],
      ...rowCount(tables),
    ],
    findings: damages.map((damage) => findingOf(damage, describe)),
  };
}

/** Other damage that a start would refuse: a missing or truncated file, or a watermark that does not match. */
export async function startDamage(disk: Disk, known: readonly Damage[]): Promise<Damage | undefined> {
  try {
    // Looking at a folder that is not a store must not make it one.
    if ((await DurableWatermark.read(disk)) === undefined && (await listSegments(disk)).length === 0)
      return undefined;
    const { active } = await recover(disk, { keysSinceMs: 0 });
    await active?.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    const { file, offset, what: problem } = error;
    // A start refuses a segment at its first damaged commit, which may contain several damaged runs of records.
    const isKnown = known.some((damage) => damage.file === file && damage.offset >= offset);
    return isKnown ? undefined : { file, offset, problem };
  }
}
