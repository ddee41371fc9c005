import type { AnsweredRequest, RequestObserver } from '../protocol/observer.ts';
import type { Log } from '../support/log.ts';
import { callerOf } from './caller.ts';

/** One line of the server's log for each request, for `--log-level debug`: neither data nor secrets. */
export class RequestLog implements RequestObserver {
  readonly isWatching = true;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  answered(answered: AnsweredRequest): void {
    const { request, response, peer, outcome, durationMs } = answered;
    const { principal, accessKeyId } = callerOf(answered);
    this.#log.debug(
      {
        service: outcome?.service.name,
        operation: outcome?.operation,
        // The path of a request without an operation: without its query, which may hold a signature.
        ...(outcome?.operation === undefined && { request: `${request.method} ${shortened(request.path)}` }),
        status: response.status,
        errorCode: outcome?.error?.code,
        principal,
        accessKeyId,
        from: peer.address,
        latencyMs: Math.round(durationMs * 1000) / 1000,
        requestBytes: requestBytesOf(request.headers),
        responseBytes: responseBytesOf(response.body),
        requestId: outcome?.ids.requestId,
      },
      'request',
    );
  }
}

const PATH_LENGTH_MAX = 200;

function shortened(path: string): string {
  return path.length > PATH_LENGTH_MAX ? `${path.slice(0, PATH_LENGTH_MAX)}...` : path;
}

/** Undefined for a body of unknown length. */
export function requestBytesOf(headers: AnsweredRequest['request']['headers']): number | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}

/** Undefined for a stream. */
export function responseBytesOf(body: AnsweredRequest['response']['body']): number | undefined {
  if (body === undefined) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}
