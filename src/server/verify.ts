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
import type { OnRead } from '../support/pace.ts';
import { isDataFolder, notADataFolder, openExistingDataFolder } from '../data-folder/data-folder.ts';
import { FolderInUseError } from '../data-folder/errors.ts';
import { describeRecords } from './describe-records.ts';
import { onStoredFiles } from './stored-files.ts';

/** Checks all stored data. The caller holds the data folder. */
export async function verifyData(dataDir: string, onRead?: OnRead): Promise<VerifyReport> {
  const engine = await verifyEngine({ folder: engineFolder(dataDir), describeRecords, onRead });
  const files = await onStoredFiles(dataDir, (files, data) =>
    files.verify(data, { writesChecksums: false, onRead }),
  );
  return joinVerifyReports([engine, ...files]);
}

/** Repairs what can be repaired; with `dryRun` only reports it. The caller holds the data folder. */
export async function repairData(
  dataDir: string,
  options: { readonly dryRun: boolean; readonly onRead?: OnRead },
): Promise<RepairReport> {
  const engine = await repairEngine({ folder: engineFolder(dataDir), describeRecords, ...options });
  const files = await onStoredFiles(dataDir, (files, data) => files.repair(data, options));
  return joinRepairReports([engine, ...files]);
}

export interface ScrubDataOptions {
  readonly bytesPerSecond: number;
  readonly onRead?: OnRead;
  /** Asks the server that holds the folder to check the files whose metadata only it can read. */
  readonly askServer: () => Promise<VerifyReport>;
}

/**
 * Checks stored data at a limited rate (bytes per second), whether or not a server is running. Changes nothing, except
 * that objects without checksums get them.
 */
export async function scrubData(dataDir: string, options: ScrubDataOptions): Promise<VerifyReport> {
  if (!(await isDataFolder(dataDir))) throw notADataFolder(dataDir);
  // First: it fails immediately when the server that holds the folder is not found.
  const files = await scrubFiles(dataDir, options);
  const { bytesPerSecond, onRead } = options;
  const folder = engineFolder(dataDir);
  const engine = await scrubEngine({ folder, describeRecords, bytesPerSecond, onRead });
  return joinVerifyReports([engine, ...files]);
}

async function scrubFiles(
  dataDir: string,
  { bytesPerSecond, onRead, askServer }: ScrubDataOptions,
): Promise<VerifyReport[]> {
  try {
    const data = await openExistingDataFolder(dataDir);
    try {
      return await onStoredFiles(dataDir, (files, data) =>
        files.verify(data, { bytesPerSecond, writesChecksums: true, onRead }),
      );
    } finally {
      await data.close();
    }
  } catch (error) {
    if (error instanceof FolderInUseError) return [await askServer()];
    throw error;
  }
}

function engineFolder(dataDir: string): string {
  return join(dataDir, 'engine');
}
