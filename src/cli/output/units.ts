import { InvalidArgumentError } from 'commander';

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1.5 MiB` */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

/** `850 ms`, `12 s`, `5 min`, `3.2 h`, `2.0 d` */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return ms < 2 * 86_400_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;
}

/** `1,234.5`: the same in every language. */
export function numberText(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `15m`, `2h`, `7d`; undefined for anything else. */
export function durationMsOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h|d)$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return count === undefined || unitMs === undefined ? undefined : Number(count) * unitMs;
}

/** For commander. */
export function parseDurationMs(text: string): number {
  const ms = durationMsOf(text);
  if (ms === undefined) {
    throw new InvalidArgumentError('Specify a number with a unit, such as 30s, 10m, 2h or 7d.');
  }
  return ms;
}

/** For commander: a whole number of at least `least`. */
export function parseWhole(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= least) return value;
    throw new InvalidArgumentError(`Specify a whole number from ${least}.`);
  };
}

/** A time, or how long ago (`15m`); undefined for anything else. */
export function timeMsOf(text: string, nowMs: number): number | undefined {
  const ago = durationMsOf(text);
  if (ago !== undefined) return nowMs - ago;
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const ms = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
