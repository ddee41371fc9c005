import { recordIdOf } from './record-id.ts';
import { type Item, type RecordOutcome, PROCESSING_FAILED, type Refusal } from './step.ts';

/**
 * Reads the function's result for each record. A record with an invalid result is refused; the others are not.
 * `attempt` is the number of the invocation. Codes and messages are as recorded on AWS.
 */
export function readReply(payload: Buffer, items: readonly Item[], attempt: number): RecordOutcome[] {
  const refuse = (errorCode: string, errorMessage: string): Refusal => ({
    errorCode,
    errorMessage,
    outputType: PROCESSING_FAILED,
    attempts: attempt,
  });
  const answers = answersOf(payload);
  if (answers === undefined) {
    const failed = refuse(
      'Lambda.JsonProcessingException',
      'There was an error parsing returned records from the Lambda function. Ensure that the returned records ' +
        'follow the status model required by Firehose.',
    );
    return items.map(() => failed);
  }
  return items.map((item) => {
    const answer = answers.get(recordIdOf(item.record));
    if (answer === undefined) return refuse(...MISSING);
    if (answer === 'duplicate') return refuse(...DUPLICATE);
    if (answer['result'] === 'Dropped') return [];
    if (answer['result'] === 'ProcessingFailed') return refuse(...FAILED);
    const data = answer['result'] === 'Ok' ? decoded(answer['data']) : undefined;
    if (data === undefined) return refuse(...INVALID);
    const partitionKeys = keysOf(answer['metadata'], item);
    if (partitionKeys === undefined) return refuse(...INVALID_KEYS);
    return [{ record: { ...item.record, data, partitionKeys }, original: item.original }];
  });
}

type Message = readonly [errorCode: string, errorMessage: string];

const MISSING: Message = [
  'Lambda.MissingRecordId',
  'One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.',
];
const DUPLICATE: Message = [
  'Lambda.DuplicatedRecordId',
  'Multiple records were returned with the same record ID. Ensure that the Lambda function returns unique record IDs ' +
    'for each record.',
];
const FAILED: Message = ['Lambda.ProcessingFailedStatus', 'ProcessingFailed status set for record'];
const INVALID: Message = [
  'Lambda.FunctionError',
  'Check your function and make sure the output is in required format. In addition to that, make sure the processed ' +
    'records contain valid result status of Dropped, Ok, or ProcessingFailed',
];
const INVALID_KEYS: Message = [
  'DynamicPartitioning.MetadataExtractionFailed',
  'metadata.partitionKeys must be an object of strings, numbers or booleans; metadata.otfMetadata must be an ' +
    'object of strings.',
];

type Answers = ReadonlyMap<string, Readonly<Record<string, unknown>> | 'duplicate'>;

/** The results by record id; unknown ids are ignored. Undefined if the payload is not JSON. */
function answersOf(payload: Buffer): Answers | undefined {
  let reply: unknown;
  try {
    reply = JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
  const answers = new Map<string, Readonly<Record<string, unknown>> | 'duplicate'>();
  if (!isRecord(reply) || !Array.isArray(reply['records'])) return answers;
  for (const answer of reply['records'] as readonly unknown[]) {
    if (!isRecord(answer) || typeof answer['recordId'] !== 'string') continue;
    answers.set(answer['recordId'], answers.has(answer['recordId']) ? 'duplicate' : answer);
  }
  return answers;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decoded(data: unknown): Buffer | undefined {
  if (typeof data !== 'string' || data.length % 4 !== 0 || !BASE64.test(data)) return undefined;
  return Buffer.from(data, 'base64');
}

/** The record's partition keys, with those of `metadata.partitionKeys` and `metadata.otfMetadata`. */
function keysOf(metadata: unknown, { record }: Item): ReadonlyMap<string, string> | undefined {
  const keys = new Map(record.partitionKeys);
  if (metadata === undefined || metadata === null) return keys;
  if (!isRecord(metadata)) return undefined;
  if (!addTableKeys(keys, metadata['otfMetadata'])) return undefined;
  const given = metadata['partitionKeys'];
  if (given === undefined || given === null) return keys;
  if (!isRecord(given)) return undefined;
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return undefined;
    keys.set(`partitionKeyFromLambda:${name}`, String(value));
  }
  return keys;
}

/**
 * The table of a record (open table format), for Iceberg destinations. False if it is invalid:
 * https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-format-input-record-different.html
 */
function addTableKeys(keys: Map<string, string>, metadata: unknown): boolean {
  if (metadata === undefined || metadata === null) return true;
  if (!isRecord(metadata)) return false;
  for (const [name, value] of Object.entries(metadata)) {
    if (value === null) continue;
    if (typeof value !== 'string') return false;
    keys.set(`otfMetadata:${name}`, value);
  }
  return true;
}
