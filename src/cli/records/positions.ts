import { Option, type Command } from 'commander';
import { parseWhole, timeMsOf } from '../output/units.ts';
import { usageError } from '../terminal.ts';

/** Where reading begins. */
export type Position =
  | { readonly kind: 'oldest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timeMs: number }
  | { readonly kind: 'at' | 'after'; readonly sequenceNumber: string };

export interface PositionFlags {
  readonly from?: 'oldest' | 'latest';
  readonly at?: string;
  readonly after?: string;
  readonly since?: string;
  readonly until?: string;
  /** The same everywhere: `-n`. */
  readonly last?: number;
  readonly limit?: number;
  readonly shardId?: readonly string[];
}

/** Adds the flags that say what is read, the same for all commands. */
export function withPositions(command: Command): Command {
  return command
    .addOption(
      new Option('--from <position>', 'where to begin')
        .choices(['oldest', 'latest'])
        .conflicts(['at', 'after', 'since', 'last']),
    )
    .addOption(
      new Option('--at <sequence-number>', 'begin with this record (of --shard-id)').conflicts([
        'after',
        'since',
        'last',
      ]),
    )
    .addOption(
      new Option('--after <sequence-number>', 'begin after this record (of --shard-id)').conflicts([
        'since',
        'last',
      ]),
    )
    .addOption(
      new Option('--since <time>', 'begin at a time, or so long ago: 15m, 2026-11-01T09:30:00Z').conflicts(
        'last',
      ),
    )
    .option('--until <time>', 'end at a time, or so long ago')
    .option('-n, --last <number>', 'begin with the last records', parseWhole(0))
    .option('--limit <number>', 'end after so many records', parseWhole(0))
    .option(
      '--shard-id <id>',
      'only this shard; its end is enough: 0 for shardId-000000000000. May be repeated',
      collect,
    );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, wholeShardId(value)];
}

/** `3` is `shardId-000000000003`. */
export function wholeShardId(text: string): string {
  return /^\d{1,12}$/.test(text) ? `shardId-${text.padStart(12, '0')}` : text;
}

/** Undefined if no flag says. Throws CommandError. */
export function positionOf(flags: PositionFlags, nowMs: number): Position | undefined {
  const { from, at, after, since } = flags;
  if (from !== undefined) return { kind: from };
  if (at !== undefined) return { kind: 'at', sequenceNumber: sequenceNumber('--at', at) };
  if (after !== undefined) return { kind: 'after', sequenceNumber: sequenceNumber('--after', after) };
  return since === undefined ? undefined : { kind: 'time', timeMs: timeOf('--since', since, nowMs) };
}

/** Throws CommandError. */
export function untilOf({ until }: PositionFlags, nowMs: number): number | undefined {
  return until === undefined ? undefined : timeOf('--until', until, nowMs);
}

function sequenceNumber(flag: string, text: string): string {
  if (/^\d{1,129}$/.test(text)) return text;
  throw usageError(`${flag} is "${text}"; it must be a sequence number`);
}

function timeOf(flag: string, text: string, nowMs: number): number {
  const timeMs = timeMsOf(text, nowMs);
  if (timeMs !== undefined) return timeMs;
  throw usageError(
    `${flag} is "${text}"; it must be a time such as 2026-11-01T09:30:00Z, or how long ago: 30s, 15m, 2h, 7d`,
  );
}
