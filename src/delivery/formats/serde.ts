import { JsonNumber } from './json-documents.ts';
import { invalidText, mismatch } from './malformed.ts';
import { fromMillis, parseOpenXTimestamp, parseSqlTimestamp } from './times.ts';
import { jodaParser } from './joda-format.ts';

/** How records are read, as the two deserializers of Firehose differ. */
export type SerDeOptions =
  | {
      readonly kind: 'OpenX';
      readonly caseInsensitive: boolean;
      readonly convertsDots: boolean;
      /** JSON keys by the names of columns. */
      readonly keyOfColumn: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'Hive'; readonly timestampFormats: readonly string[] };

/** What the options mean for keys and values. */
export interface SerDeRules {
  readonly caseInsensitive: boolean;
  /** OpenX lowers the case of all keys before it looks at anything: keys of maps, too. */
  readonly lowersKeys: boolean;
  readonly convertsDots: boolean;
  readonly keyOfColumn: Readonly<Record<string, string>>;
  /** OpenX takes texts for numbers, one value for an array, and an array for a struct. */
  readonly isLenient: boolean;
  readonly timestamp: (value: string | number | JsonNumber) => bigint;
}

/** Throws DeliveryConfigurationError for a timestamp format that is not understood. */
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

/** Tries the formats in their order; the one of `java.sql.Timestamp` when none is given. */
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

/** Java's words for a value that is not an object. */
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
