import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { columnsText, type Column } from './table.ts';

/** `quiet` is an option of all commands. */
export interface OutputFlags {
  readonly json?: true;
  readonly ndjson?: true;
  readonly quiet?: true;
}

/** Adds the flags of a command whose result is one thing. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print the result as JSON');
}

/** Adds the flags of a command whose result is a list. */
export function withRows(command: Command): Command {
  return withJson(command.option('--ndjson', 'print one JSON object per line'));
}

/** Prints a list: as a table on a terminal, as lines with tabs to a program, or as JSON. */
export function printRows<Row extends object>(
  terminal: Terminal,
  flags: OutputFlags,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): void {
  if (flags.json === true) return terminal.print(JSON.stringify(rows, null, 2));
  if (flags.ndjson === true) {
    for (const row of rows) terminal.print(JSON.stringify(row));
    return;
  }
  const text = columnsText(columns, rows, terminal);
  if (text !== '') terminal.print(text);
  else if (terminal.columns !== undefined) say(terminal, flags, 'none');
}

/** Prints one thing: what a person wants to read, or JSON. */
export function printResult(terminal: Terminal, flags: OutputFlags, text: string, result: object): void {
  terminal.print(flags.json === true ? JSON.stringify(result, null, 2) : text);
}

/** Tells a person what happens; results do not go there. */
export function say(terminal: Terminal, { quiet }: OutputFlags, text: string): void {
  if (quiet !== true) terminal.complain(text);
}
