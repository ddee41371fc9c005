import { signal } from '@preact/signals';

const KEY = 'nagare-time-zone';
export const timeZone = signal<'local' | 'UTC'>(localStorage.getItem(KEY) === 'UTC' ? 'UTC' : 'local');

export function setTimeZone(zone: 'local' | 'UTC'): void {
  timeZone.value = zone;
  localStorage.setItem(KEY, zone);
}

/** The browser's time zone, by name. */
export function zoneName(): string {
  return timeZone.value === 'UTC' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function partsOf(ms: number): string[] {
  const date = new Date(timeZone.value === 'UTC' ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().replace('Z', '').split('T');
}

/** `14:03:07.123`, in the chosen time zone. */
export function clock(ms: number): string {
  return partsOf(ms)[1] ?? '';
}

/** `2026-11-29 14:03:07.123` */
export function dateTime(ms: number): string {
  return partsOf(ms).join(' ');
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [unit, size] = units.find(([, one]) => ms >= one) ?? ['s', 1000];
  const value = ms / size;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}

export function ago(ms: number, nowMs = Date.now()): string {
  return ms === 0 ? 'never' : `${duration(Math.max(0, nowMs - ms))} ago`;
}

/** `1,234.5`: whole above 100. */
export function number(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 1 : 0 });
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let left = value;
  for (; left >= 1024 && unit < units.length - 1; unit++) left /= 1024;
  return `${number(left)} ${units[unit]}`;
}

/**
 * Makes characters visible that would change what is around them: control characters, and marks that turn the
 * direction of a text.
 */
export function inert(text: string): string {
  return text.replaceAll(/(?![\t\n])[\p{Cc}\p{Cf}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 32 ? String.fromCodePoint(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
