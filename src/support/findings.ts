/**
 * Damage to stored data, in one form for all parts of the data folder. `nagare verify`, `repair` and `scrub` print
 * it, and the log of a running server has it.
 */
export interface Finding {
  /** What is wrong: `checksum mismatch`, `the file is missing`. */
  readonly problem: string;
  /**
   * What is affected, in the user's terms: `stream orders, shard shardId-000000000000, sequence numbers 49 to 51`, or
   * `bucket photos, key cat.jpg`. Undefined when it cannot be determined.
   */
  readonly subject?: string;
  /** The path below the data folder, with forward slashes. */
  readonly file: string;
  /** The offset of the first damaged byte, if it is known. */
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
  /** What was lost, in the form of `Finding.subject`. */
  readonly lost: readonly string[];
  /** How much was lost: `[['record', 12]]`. */
  readonly lostCounts: Counts;
  /** Damaged files that were moved aside unchanged; paths below the data folder. */
  readonly kept: readonly string[];
  /** Why some findings could not be repaired; each a sentence without a full stop. */
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

/** Merges reports; counts of the same unit are added up. */
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
