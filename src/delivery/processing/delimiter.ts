import { eachRecord, withData } from './each.ts';
import type { Step } from './step.ts';

const NEWLINE = Buffer.from('\n');

/** AppendDelimiterToRecord: appends a newline to every record, including the last one. */
export function appendDelimiter(): Step {
  return eachRecord((item) => [withData(item, Buffer.concat([item.record.data, NEWLINE]))]);
}
