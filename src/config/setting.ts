import { isIP } from 'node:net';

/** A setting that flags, the environment and `nagare.yaml` (under its name in `settings`) can give. */
export interface Setting<Value> {
  readonly flag: string;
  readonly environment: string;
  /** Completes the sentence "must be ...". */
  readonly expects: string;
  /** Its description in the help text and in docs/configuration.md. */
  readonly meaning: string;
  /** The default, in the form a user would write it; empty for none. */
  readonly fallback: string;
  /** The value of the flag when no value follows it; without this, a value is required. */
  readonly alone?: string;
  /** May be repeated, be a list in `nagare.yaml`, and contain commas between values. */
  readonly isList?: true;
  /** Returns undefined when `text` is invalid. */
  parse(text: string): Value | undefined;
}

export function wholeNumber(text: string, min: number, max: number): number | undefined {
  if (!/^\d{1,15}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** No wildcards: `*` would let any page run code here, and `null` is the origin of every sandboxed frame. */
export function isOrigin(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/.test(text)) return false;
  return !/^https?:/.test(text) || (URL.canParse(text) && new URL(text).origin === text);
}

export function isWebOrigin(text: string): boolean {
  return /^https?:\/\/[^\s/?#@]+\/?$/.test(text) && URL.canParse(text);
}

/** Without a port: a host has the same name on every port. */
export function isHostName(text: string): boolean {
  return isIP(text) !== 0 || /^(?!.*\.\.)(?!-)[a-zA-Z0-9._-]*[a-zA-Z0-9_]$/.test(text);
}

/** Returns undefined when one of the items is invalid. */
export function listOf(text: string, isValid: (item: string) => boolean): readonly string[] | undefined {
  const items = text.split(',').map((item) => item.trim());
  if (text.trim() === '') return [];
  return items.every(isValid) ? items : undefined;
}
