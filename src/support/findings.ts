/**
 * Damage to what is stored, in one form for all parts of the data folder: `nagare verify`, `repair` and `scrub` print
 * it, and so does the log of a running server.
 */
export interface Finding {
  /** What is wrong: `checksum mismatch`, `the file is missing`. */
  readonly problem: string;
  /**
   * What is affected, in the user's terms: `stream orders, shard shardId-000000000000, sequence numbers 49 to 51`, or
   * `bucket photos, key cat.jpg`. Undefined when that cannot be told.
   */
  readonly subject?: string;
  /** Below the data folder, with forward slashes. */
  readonly file: string;
  /** Of the first damaged byte, where it is known. */
  readonly offset?: number;
}

/** What was read, in the order in which it is printed: `[['file', 1], ['commit', 79]]`. */
export type Counts = readonly (readonly [unit: string, count: number])[];

export interface VerifyReport {
  readonly checked: Counts;
  /** Empty when nothing is damaged. */
  readonly findings: readonly Finding[];
}

export interface RepairReport {
  readonly findings: readonly Finding[];
  /** What is gone, in the words of `Finding.subject`. */
  readonly lost: readonly string[];
  /** How much of it there was: `[['record', 12]]`. */
  readonly lostCounts: Counts;
  /** Damaged files that were put aside, as they were; below the data folder. */
  readonly kept: readonly string[];
  /** Why some of what was found could not be repaired; each a sentence without its full stop. */
  readonly unrepaired: readonly string[];
}

/** `checksum mismatch: stream orders, ... (engine/segments/000000000007-0.segment, byte 1234)`. */
export function formatFinding({ problem, subject, file, offset }: Finding): string {
  const place = offset === undefined ? file : `${file}, byte ${offset}`;
  return subject === undefined ? `${problem}: ${place}` : `${problem}: ${subject} (${place})`;
}

/** `1 file, 79 commits, 22 records`. */
export function formatCounts(counts: Counts): string {
  return counts.map(([unit, count]) => formatCount(count, unit)).join(', ');
}

export function formatCount(count: number, unit: string): string {
  return `${count} ${count === 1 ? unit : `${unit}s`}`;
}

/** The last line of `nagare verify`. */
export function formatVerifySummary({ checked, findings }: VerifyReport): string {
  const result = findings.length === 0 ? 'no damage found' : formatCount(findings.length, 'problem');
  return `${formatCounts(checked)}: ${result}`;
}

/** Reports of several parts as one; counts of the same unit are added up. */
export function joinVerifyReports(reports: readonly VerifyReport[]): VerifyReport {
  return {
    checked: addCounts(reports.map(({ checked }) => checked)),
    findings: reports.flatMap(({ findings }) => findings),
  };
}

export function joinRepairReports(reports: readonly RepairReport[]): RepairReport {
  return {
    findings: reports.flatMap(({ findings }) => findings),
    lost: reports.flatMap(({ lost }) => lost),
    lostCounts: addCounts(reports.map(({ lostCounts }) => lostCounts)),
    kept: reports.flatMap(({ kept }) => kept),
    unrepaired: reports.flatMap(({ unrepaired }) => unrepaired),
  };
}

function addCounts(all: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const [unit, count] of all.flat()) sums.set(unit, (sums.get(unit) ?? 0) + count);
  return [...sums];
}
