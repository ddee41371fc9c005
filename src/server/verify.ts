import { join } from 'node:path';
import { repairEngine } from '../engine/embedded/recover/repair.ts';
import { scrubEngine } from '../engine/embedded/recover/scrub.ts';
import { verifyEngine } from '../engine/embedded/recover/verify.ts';
import {
  joinRepairReports,
  joinVerifyReports,
  type RepairReport,
  type VerifyReport,
} from '../support/findings.ts';
import { isDataFolder, notADataFolder } from '../data-folder/data-folder.ts';
import { describeRecords } from './describe-records.ts';

/** Checks all that is stored. The caller holds the data folder. */
export async function verifyData(dataDir: string): Promise<VerifyReport> {
  return joinVerifyReports([await verifyEngine({ folder: engineFolder(dataDir), describeRecords })]);
}

/** Repairs what it can; with `dryRun` it says only what it would do. The caller holds the data folder. */
export async function repairData(
  dataDir: string,
  options: { readonly dryRun: boolean },
): Promise<RepairReport> {
  const engine = await repairEngine({ folder: engineFolder(dataDir), describeRecords, ...options });
  return joinRepairReports([engine]);
}

/** Checks what is stored while a server runs, or while none does, reading so many bytes a second. Changes nothing. */
export async function scrubData(
  dataDir: string,
  options: { readonly bytesPerSecond: number },
): Promise<VerifyReport> {
  if (!(await isDataFolder(dataDir))) throw notADataFolder(dataDir);
  const engine = await scrubEngine({ folder: engineFolder(dataDir), describeRecords, ...options });
  return joinVerifyReports([engine]);
}

function engineFolder(dataDir: string): string {
  return join(dataDir, 'engine');
}
