import { compileEventPattern, type EventPattern } from '../../../aws/event-pattern/event-pattern.ts';
import { EventPatternError, isJsonObject, type JsonObject } from '../../../aws/event-pattern/types.ts';
import type { StreamRecord } from '../../../consumers/source.ts';

/** Decides whether a record is delivered to the function. */
export type RecordFilter = (record: StreamRecord) => boolean;

/** The pattern `{}` matches everything. */
const emptyPattern = /^\s*\{\s*\}\s*$/;

/**
 * Compiles a filter pattern as Lambda's guide "Control which events Lambda sends to your function" describes it for
 * Kinesis: conditions on the record's own fields, and under `data` on its data, which must then be a JSON object.
 * `isStored` accepts patterns that older versions accepted. Throws EventPatternError.
 */
export function compileFilter(pattern: string, isStored = false): RecordFilter {
  if (emptyPattern.test(pattern)) return () => true;
  const parsed = parseJson(pattern);
  if (!isJsonObject(parsed)) throw new EventPatternError('Filter is not an object');
  checkData(parsed);
  const matches = compileEventPattern(parsed, { isStored });
  return asksForData(parsed)
    ? (record) => dataMatches(matches, record)
    : (record) => matches(fieldsOf(record));
}

/**
 * Compiles the filters of a mapping; a record must match one of them. Undefined without filters: all records match.
 * Filters that older versions accepted keep their meaning; `onOldPattern` is called for each.
 */
export function compileStoredFilters(
  patterns: readonly string[],
  onOldPattern: (pattern: string, reason: string) => void,
): RecordFilter | undefined {
  if (patterns.length === 0) return undefined;
  const filters = patterns.map((pattern) => {
    try {
      return compileFilter(pattern);
    } catch (error) {
      if (!(error instanceof EventPatternError)) throw error;
      onOldPattern(pattern, error.message);
      return compileFilter(pattern, true);
    }
  });
  return (record) => filters.some((filter) => filter(record));
}

/** AWS refuses patterns for data that is not JSON: strings and lists of values. */
function checkData({ data }: JsonObject): void {
  if (data !== undefined && !isJsonObject(data)) throw new EventPatternError('"data" must be an object');
}

/** Whether a condition on the data appears at the top level or in an alternative. */
function asksForData(pattern: JsonObject): boolean {
  return Object.entries(pattern).some(([name, member]) => {
    if (name === '$or' && Array.isArray(member))
      return member.some((one) => isJsonObject(one) && asksForData(one));
    return name === 'data' || name.startsWith('data.');
  });
}

function dataMatches(matches: EventPattern, record: StreamRecord): boolean {
  const data = parseJson(Buffer.from(record.data).toString());
  return isJsonObject(data) && matches({ ...fieldsOf(record), data });
}

function fieldsOf(record: StreamRecord): JsonObject {
  return {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.partitionKey,
    sequenceNumber: record.sequenceNumber,
    approximateArrivalTimestamp: record.arrivalMs / 1000,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
