import { JsonNumber } from './json-documents.ts';
import { invalidText, mismatch } from './malformed.ts';
import { fromMillis, parseOpenXTimestamp, parseSqlTimestamp } from './times.ts';
import { jodaParser } from './joda-format.ts';

/** The options in which Firehose's two deserializers differ. */
export type SerDeOptions =
  | {
      readonly kind: 'OpenX';
      readonly caseInsensitive: boolean;
      readonly convertsDots: boolean;
      /** Column names mapped to JSON keys. */
      readonly keyOfColumn: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'Hive'; readonly timestampFormats: readonly string[] };

/** How a deserializer treats keys and values. */
export interface SerDeRules {
  readonly caseInsensitive: boolean;
  /** OpenX converts all keys to lower case first, including keys of maps. */
  readonly lowersKeys: boolean;
  readonly convertsDots: boolean;
  readonly keyOfColumn: Readonly<Record<string, string>>;
  /** OpenX accepts a text for a number, a single value for an array, and an array for a struct. */
  readonly isLenient: boolean;
  readonly timestamp: (value: string | number | JsonNumber) => bigint;
}

/** Throws DeliveryConfigurationError for an unsupported timestamp format. */
export function serDeRules(options: SerDeOptions): SerDeRules {
  if (options.kind === 'Hive') {
    return {
      caseInsensitive: true,
      lowersKeys: false,
      convertsDots: false,
      keyOfColumn: {},
      isLenient: false,
      timestamp: hiveTimestamp(options.timestampFormats),
    };
  }
  const { caseInsensitive, convertsDots, keyOfColumn } = options;
  return {
    caseInsensitive,
    lowersKeys: caseInsensitive,
    convertsDots,
    keyOfColumn,
    isLenient: true,
    timestamp: parseOpenXTimestamp,
  };
}

/** Tries the formats in order. Without any, uses that of `java.sql.Timestamp`. */
function hiveTimestamp(formats: readonly string[]): SerDeRules['timestamp'] {
  if (formats.length === 0) return parseSqlTimestamp;
  const takesMillis = formats.includes('millis');
  const parsers = formats.filter((format) => format !== 'millis').map(jodaParser);
  return (value) => {
    const isMillis = typeof value !== 'string' || /^-?\d+$/.test(value);
    if (takesMillis && isMillis) return fromMillis(value);
    const text = typeof value === 'string' ? value : value instanceof JsonNumber ? value.text : String(value);
    for (const parse of parsers) {
      const micros = parse(text);
      if (micros !== undefined) return micros;
    }
    throw invalidText(text);
  };
}

/** Java's message for a value that is not an object. */
export function notAnObject(value: unknown): Error {
  const type =
    typeof value === 'string'
      ? 'java.lang.String'
      : typeof value === 'boolean'
        ? 'java.lang.Boolean'
        : /^-?\d+$/.test(textOf(value))
          ? 'java.lang.Long'
          : 'java.lang.Double';
  return mismatch(`Data is not JSONObject  but ${type} with value ${textOf(value)}`);
}

function textOf(value: unknown): string {
  return value instanceof JsonNumber ? value.text : String(value);
}
