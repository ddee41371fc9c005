import { AddressRanges, isAddressRange } from '../../support/address-range.ts';

/** Conversions of condition values, in policies and in requests alike. All return undefined for an invalid text. */

export function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

const dateForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/i;

/** A date in W3C's profile of ISO 8601, or seconds since 1970; in milliseconds. */
export function parseDate(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1000;
  if (!dateForm.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

export function parseBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** Returns the bytes as base64 without variants of the same value. */
export function parseBinary(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Buffer.from(text, 'base64').toString('base64');
}

/** An address or a range in CIDR notation. */
export function parseAddressRange(text: string): AddressRanges | undefined {
  return isAddressRange(text) ? new AddressRanges([text]) : undefined;
}
