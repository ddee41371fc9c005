import { resolve } from 'node:path';

import type { Disk } from '../disk.ts';
import { DamageError } from '../errors.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { nodeDisk } from '../node-disk.ts';
import { recover } from './recover.ts';
import { listSegments, inspectSegment, type Finding } from './inspect-segment.ts';

export type { Finding } from './inspect-segment.ts';

export interface VerifyReport {
  readonly segments: number;
  readonly frames: number;
  readonly records: number;
  /** All that is wrong; empty in a store that is whole. */
  readonly findings: readonly Finding[];
}

/**
 * Reads the whole store of a server that does not run and checks every checksum. Changes nothing but the end of a
 * write that was cut short. The caller holds the data folder.
 */
export async function verifyEngine(options: {
  readonly folder: string;
  readonly disk?: Disk;
}): Promise<VerifyReport> {
  const disk = options.disk ?? nodeDisk(resolve(options.folder));
  const names = await listSegments(disk);
  const findings: Finding[] = [];
  let [frames, records] = [0, 0];
  for (const name of names) {
    const survey = await inspectSegment(disk, name);
    frames += survey.frames;
    records += survey.records;
    findings.push(...survey.findings);
  }
  // What a start would refuse besides: a missing file, one cut short, a mark that does not fit.
  const refused = await startFinding(disk);
  if (
    refused !== undefined &&
    !findings.some(({ file, offset }) => file === refused.file && offset === refused.offset)
  ) {
    findings.push(refused);
  }
  return { segments: names.length, frames, records, findings };
}

async function startFinding(disk: Disk): Promise<Finding | undefined> {
  try {
    // A folder that never was a store must not become one by being looked at.
    if ((await DurableWatermark.read(disk)) === undefined && (await listSegments(disk)).length === 0)
      return undefined;
    const { active } = await recover(disk, { keysSinceMs: 0 });
    await active?.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    return { file: error.file, offset: error.offset, what: error.what };
  }
}
