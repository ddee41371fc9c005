import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Clock, sleep } from '../../support/clock.ts';
import type { HttpPost, PostResult } from '../../support/http-post.ts';
import { nameUuid } from '../../support/name-uuid.ts';
import type {
  DeliveryBatch,
  DeliveryRecord,
  DeliveryResult,
  Destination,
  RefusedRecord,
} from '../destination.ts';
import { httpLimits } from './limits.ts';

export interface HttpDestinationOptions {
  readonly post: HttpPost;
  readonly clock: Clock;
  /** From 0 to 1, for the spread of pauses. */
  readonly random: () => number;
  readonly url: string;
  readonly accessKey?: string | undefined;
  readonly deliveryStreamArn: string;
  readonly commonAttributes: Readonly<Record<string, string>>;
  readonly compresses: boolean;
  /** How long a request that fails is repeated, after its first attempt. */
  readonly retryMs: number;
}

const compressed = promisify(gzip);
const OUTPUT_TYPE = 'http-endpoint-failed';

/**
 * Posts records to an endpoint, by
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html. A request has the same id in every
 * attempt, also after a crash, so that an endpoint which remembers ids takes each record once. What the endpoint does
 * not accept in time is refused.
 */
export class HttpDestination implements Destination {
  readonly #options: HttpDestinationOptions;

  constructor(options: HttpDestinationOptions) {
    this.#options = options;
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult> {
    const refused: RefusedRecord[] = [];
    let delivered = 0;
    let bytes = 0;
    for (const [index, records] of requestsOf(batch.records).entries()) {
      const requestId = nameUuid([batch.deliveryId, 'request', String(index)]);
      const outcome = await this.#deliver(requestId, records, signal);
      if (outcome.failure === undefined) {
        delivered += records.length;
        bytes += outcome.bytes;
      } else {
        const { errorCode, errorMessage } = outcome.failure;
        const { attempts } = outcome;
        for (const record of records) {
          refused.push({ record, errorCode, errorMessage, attempts, outputType: OUTPUT_TYPE });
        }
      }
    }
    return { delivered, bytes, refused };
  }

  async close(): Promise<void> {}

  async #deliver(requestId: string, records: readonly DeliveryRecord[], signal: AbortSignal) {
    const { post, clock, url, retryMs, compresses } = this.#options;
    const text = requestBody(requestId, clock.now(), records);
    const body = compresses ? await compressed(text) : Buffer.from(text);
    const headers = this.#headers(requestId);
    let failedSinceMs: number | undefined;
    for (let attempts = 1; ; attempts++) {
      signal.throwIfAborted();
      const result = await post(url, headers, body, signal);
      if (result === 'interrupted') signal.throwIfAborted();
      const failure = failureOf(result, requestId);
      if (failure === undefined) return { attempts, bytes: body.length, failure };
      failedSinceMs ??= clock.now();
      const pauseMs = this.#pauseMs(attempts);
      if (failure.isFinal || clock.now() + pauseMs - failedSinceMs > retryMs) {
        return { attempts, bytes: 0, failure };
      }
      await sleep(clock, pauseMs, signal);
    }
  }

  /** One second, doubled up to two minutes, and up to 15 percent more or less. */
  #pauseMs(attempts: number): number {
    const { retryInitialMs, retryMaxMs, retrySpread } = httpLimits;
    const pauseMs = Math.min(retryInitialMs * 2 ** (attempts - 1), retryMaxMs);
    return Math.round(pauseMs * (1 + retrySpread * (2 * this.#options.random() - 1)));
  }

  #headers(requestId: string): Record<string, string> {
    const { accessKey, commonAttributes, compresses, deliveryStreamArn } = this.#options;
    const hasAttributes = Object.keys(commonAttributes).length > 0;
    return {
      'content-type': 'application/json',
      'user-agent': 'Amazon Kinesis Data Firehose Agent/1.0',
      'x-amz-firehose-protocol-version': '1.0',
      'x-amz-firehose-request-id': requestId,
      'x-amz-firehose-source-arn': deliveryStreamArn,
      ...(accessKey !== undefined && accessKey !== '' && { 'x-amz-firehose-access-key': accessKey }),
      ...(hasAttributes && { 'x-amz-firehose-common-attributes': asciiJson({ commonAttributes }) }),
      ...(compresses && { 'content-encoding': 'gzip' }),
    };
  }
}

/** Divides records so that no request is larger than Firehose's largest. */
function requestsOf(records: readonly DeliveryRecord[]): DeliveryRecord[][] {
  const requests: DeliveryRecord[][] = [];
  let bytes = 0;
  for (const record of records) {
    const length = Math.ceil(record.data.length / 3) * 4 + RECORD_OVERHEAD_BYTES;
    let current = requests.at(-1);
    if (current === undefined || bytes + length > httpLimits.requestBytesMax) {
      current = [];
      requests.push(current);
      bytes = 0;
    }
    current.push(record);
    bytes += length;
  }
  return requests;
}

/** Headers are ASCII. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `{"data":""},` */
const RECORD_OVERHEAD_BYTES = 12;

function requestBody(requestId: string, timestamp: number, records: readonly DeliveryRecord[]): string {
  const entries = records.map(
    ({ data }) =>
      `{"data":"${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}"}`,
  );
  return `{"requestId":"${requestId}","timestamp":${timestamp},"records":[${entries.join(',')}]}`;
}

interface Failure {
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly isFinal: boolean;
}

/** Undefined if the endpoint has accepted the request: 200, with its id and a time. */
function failureOf(result: PostResult, requestId: string): Failure | undefined {
  if (result === 'interrupted')
    return failure('HttpEndpoint.ConnectionReset', 'The request was interrupted.');
  if ('failure' in result) return failure(`HttpEndpoint.${CODES[result.kind]}`, result.failure);
  const { status, body } = result;
  const answer = parsed(body);
  if (status === 200 && answer?.requestId === requestId && typeof answer.timestamp === 'number')
    return undefined;
  const said = typeof answer?.errorMessage === 'string' ? `: ${answer.errorMessage}` : '';
  if (status === 200) {
    return failure(
      'HttpEndpoint.InvalidResponseFromDestination',
      `The endpoint must respond with the requestId of the request and a timestamp${said}`,
    );
  }
  // A request that is too large once is too large always.
  return failure(
    'HttpEndpoint.DestinationException',
    `The endpoint responded with status ${status}${said}`,
    status === 413,
  );
}

const CODES = {
  connection: 'ConnectionFailed',
  timeout: 'RequestTimeout',
  'too large': 'ResponseTooLarge',
} as const;

function failure(errorCode: string, errorMessage: string, isFinal = false): Failure {
  return { errorCode, errorMessage, isFinal };
}

interface Answer {
  readonly requestId?: unknown;
  readonly timestamp?: unknown;
  readonly errorMessage?: unknown;
}

function parsed(body: Buffer): Answer | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
