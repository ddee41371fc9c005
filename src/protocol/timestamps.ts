import { SerializationError } from './serialization-error.ts';

/** Smithy's formats: `iso8601` (date-time), `rfc822` (http-date), `unixTimestamp` (seconds, with a fraction). */
export function parseTimestamp(text: string, format: string): Date {
  const numeric = /^-?\d+(\.\d+)?$/.test(text);
  const date = numeric ? new Date(Math.round(Number(text) * 1000)) : new Date(text);
  const readable = numeric || /^\d{4}-\d{2}-\d{2}|^[A-Z][a-z]{2}, /.test(text);
  if (!readable || Number.isNaN(date.getTime())) {
    throw new SerializationError(`'${text.slice(0, 100)}' can not be converted to a Timestamp (${format})`);
  }
  return date;
}

export function formatTimestamp(date: Date, format: string): string {
  if (format === 'rfc822') return date.toUTCString();
  if (format === 'unixTimestamp') return String(date.getTime() / 1000);
  return date.toISOString();
}
