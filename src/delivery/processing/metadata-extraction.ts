import { createContext, Script } from 'node:vm';
import { Turn } from './each.ts';
import { type JqProgram, JqRunError } from './jq/jq.ts';
import { isObject, type Json, member, tostring } from './jq/values.ts';
import { processingLimits } from './limits.ts';
import {
  collect,
  type Item,
  type RecordOutcome,
  type ProcessingObserver,
  type Refusal,
  refusal,
  type Step,
} from './step.ts';

const FAILED = 'DynamicPartitioning.MetadataExtractionFailed';
const TOO_SLOW = refusal(FAILED, 'The jq program takes too long for the record.');

/** MetadataExtraction: extracts partition keys from a record's JSON. */
export function metadataExtraction(program: JqProgram, observer: ProcessingObserver): Step {
  const extract = (item: Item) => extractKeys(program, item);
  const run = program.usesRegex ? timed(extract) : plain(extract);
  return {
    async run(items) {
      const outcomes: RecordOutcome[] = [];
      for (let turn = new Turn(); outcomes.length < items.length; turn = await turn.next()) {
        const begin = performance.now();
        run(items, outcomes, turn);
        observer.queried(performance.now() - begin);
      }
      return collect(items, outcomes);
    },
  };
}

/** Adds outcomes for as many records as one turn has time for. */
type RunSome = (items: readonly Item[], outcomes: RecordOutcome[], turn: Turn) => void;

function plain(extract: (item: Item) => RecordOutcome): RunSome {
  return (items, outcomes, turn) => {
    for (let at = outcomes.length; ; at++) {
      const item = items[at];
      if (item === undefined) return;
      outcomes.push(extract(item));
      if (turn.isOverAfter(item)) return;
    }
  };
}

/** Also interrupts long-running regular expressions. V8 can do that only for a script, not for a call. */
function timed(extract: (item: Item) => RecordOutcome): RunSome {
  const runSome = plain(extract);
  const sandbox = createContext({ run: () => {} });
  const script = new Script('run()');
  const within = (run: () => void): boolean => {
    sandbox['run'] = run;
    try {
      script.runInContext(sandbox, { timeout: processingLimits.jqTimeMsMax });
      return true;
    } catch (error) {
      if (isTimeout(error)) return false;
      throw error;
    }
  };
  return (items, outcomes, turn) => {
    const done = outcomes.length;
    if (within(() => runSome(items, outcomes, turn))) return;
    // Otherwise earlier records may have used most of the time: the interrupted one is the first of the next turn.
    if (outcomes.length === done) outcomes.push(TOO_SLOW);
  };
}

/** The sandbox has its own Error class, so `instanceof Error` is false. */
function isTimeout(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}

function extractKeys(program: JqProgram, { record, original }: Item): RecordOutcome {
  const input = parsed(record.data);
  if (input === undefined) return refusal(FAILED, 'The record is not JSON.');
  let outputs: readonly Json[];
  try {
    outputs = program.run(input, record.arrivalMs);
  } catch (error) {
    if (error instanceof JqRunError) return refusal(FAILED, `The jq program failed: ${error.message}`);
    throw error;
  }
  const [keys] = outputs;
  if (outputs.length !== 1 || keys === undefined || !isObject(keys)) {
    return refusal(FAILED, 'The jq program must return one object.');
  }
  const partitionKeys = new Map(record.partitionKeys);
  for (const name of Object.keys(keys)) {
    const value = keyValue(name, member(keys, name));
    if (typeof value === 'object') return value;
    partitionKeys.set(`partitionKeyFromQuery:${name}`, value);
  }
  return [{ record: { ...record, partitionKeys }, original }];
}

function parsed(data: Uint8Array): Json | undefined {
  try {
    // JSON.parse returns only JSON values.
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as Json;
  } catch {
    return undefined;
  }
}

function keyValue(name: string, value: Json): string | Refusal {
  if (value === null || value === '') {
    return refusal(FAILED, `partitionKeys values must not be null or empty: ${name}`);
  }
  if (typeof value === 'object') {
    return refusal(FAILED, `partitionKeys values must be strings, numbers or booleans: ${name}`);
  }
  return tostring(value);
}
