import type { Readable } from 'node:stream';
import type { HttpRequest } from '../http/message.ts';

export function decodeChunkedBody(request: HttpRequest): Readable {
  return request.stream();
}
