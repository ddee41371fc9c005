import { eachRecord, withData } from './each.ts';
import type { Step } from './step.ts';

const NEWLINE = Buffer.from('\n');

/** AppendDelimiterToRecord: each record ends with a newline, the last one too. */
export function appendDelimiter(): Step {
  return eachRecord((item) => [withData(item, Buffer.concat([item.record.data, NEWLINE]))]);
}
