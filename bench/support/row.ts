import { median } from './load.ts';

/** A line of the table: what nagare did, what its baseline did in the same run, in turns. */
export interface Row {
  readonly work: string;
  readonly unit: 'records/s' | 'ms';
  /** One of each per round; for latencies the medians of the rounds. */
  readonly nagare: readonly number[];
  readonly baseline?: { readonly name: string; readonly values: readonly number[] };
  /** Of latencies: the 99th percentiles of the rounds. */
  readonly p99Ms?: readonly number[];
  /** Goals for the medians; each is reported with whether it was reached. */
  readonly goals: readonly Goal[];
}

export interface Goal {
  readonly text: string;
  readonly reached: boolean;
}

export interface BenchOptions {
  readonly rounds: number;
  readonly roundMs: number;
}

export function ratios(nagare: readonly number[], baseline: readonly number[]): number[] {
  return nagare.map((value, round) => value / (baseline[round] ?? Number.NaN));
}

export function ratioAtLeast(least: number, nagare: readonly number[], baseline: readonly number[]): Goal {
  const text = least < 10 ? `ratio at least ${least}` : `at least ${least} times`;
  return { text, reached: median(ratios(nagare, baseline)) >= least };
}

export function rateAtLeast(least: number, values: readonly number[]): Goal {
  return { text: `at least ${least / 1000} k records/s`, reached: median(values) >= least };
}

export function atMostMs(name: string, most: number, values: readonly number[]): Goal {
  return { text: `${name} at most ${most} ms`, reached: median(values) <= most };
}
