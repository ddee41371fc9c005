import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Clock, sleep } from '../../support/clock.ts';
import type { HttpPost, PostResult } from '../../support/http-post.ts';
import { nameUuid } from '../../support/name-uuid.ts';
import { traceHeadersOf } from '../../support/trace-context.ts';
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
  /** Returns a random number from 0 to 1, for the spread of retry delays. */
  readonly random: () => number;
  readonly url: string;
  readonly accessKey?: string | undefined;
  readonly deliveryStreamArn: string;
  readonly commonAttributes: Readonly<Record<string, string>>;
  readonly compresses: boolean;
  /** How long a failing request is retried after its first attempt. */
  readonly retryMs: number;
}

const compressed = promisify(gzip);
const OUTPUT_TYPE = 'http-endpoint-failed';

/**
 * Posts records to an endpoint. Protocol:
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html. A request has the same id in every
 * attempt, even after a crash, so that an endpoint can recognize repeated requests. Records that the endpoint does not
 * accept within the retry duration are refused.
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
      const headers = { ...this.#headers(requestId), ...traceHeadersOf(batch.trace) };
      const outcome = await this.#deliver({ requestId, headers, records }, signal);
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

  async #deliver({ requestId, headers, records }: Request, signal: AbortSignal) {
    const { post, clock, url, retryMs, compresses } = this.#options;
    const text = requestBody(requestId, clock.now(), records);
    const body = compresses ? await compressed(text) : Buffer.from(text);
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

  /** Starts at one second and doubles up to two minutes, each delay up to 15 percent longer or shorter. */
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

interface Request {
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly records: readonly DeliveryRecord[];
}

/** Splits records into requests of at most Firehose's maximum size. */
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

/** Encodes a value as ASCII JSON, for headers. */
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

/** Returns undefined if the endpoint accepted the request: status 200, the request's id and a timestamp. */
function failureOf(result: PostResult, requestId: string): Failure | undefined {
  if (result === 'interrupted')
    return failure('HttpEndpoint.ConnectionReset', 'The request was interrupted.');
  if ('failure' in result) return failure(`HttpEndpoint.${CODES[result.kind]}`, result.failure);
  const { status, body } = result;
  const answer = parsed(body);
  if (status === 200 && answer?.requestId === requestId && typeof answer.timestamp === 'number')
    return undefined;
  const detail = typeof answer?.errorMessage === 'string' ? `: ${answer.errorMessage}` : '';
  if (status === 200) {
    return failure(
      'HttpEndpoint.InvalidResponseFromDestination',
      `The endpoint must respond with the requestId of the request and a timestamp${detail}`,
    );
  }
  // A request that is too large stays too large: do not retry it.
  return failure(
    'HttpEndpoint.DestinationException',
    `The endpoint responded with status ${status}${detail}`,
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
