import { type ReaderView, type ReaderViews, readersOf } from '../console/readers.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { answerCommand } from './command.ts';

/** `GET /_nagare/readers?stream=NAME` */
export const READERS_PATH = '/_nagare/readers';

/** What `nagare consumer report` gets. */
export interface ReadersAnswer {
  readonly nowMs: number;
  readonly retentionMs: number;
  readonly readers: readonly ReaderView[];
}

/** Answers who reads a stream, and how far behind; undefined for other requests. */
export function readersRoute(
  views: ReaderViews,
): (request: HttpRequest) => Promise<HttpResponse | undefined> {
  return async ({ method, path, query }) => {
    if (path !== READERS_PATH || method !== 'GET') return undefined;
    const name = new URLSearchParams(query).get('stream') ?? '';
    const stream = views.inspector.stream(name);
    if (stream === undefined) return answerCommand(404, { message: `there is no stream ${name}` });
    const { retentionMs } = stream;
    const readers = await readersOf(views, stream);
    return answerCommand(200, { nowMs: views.clock.now(), retentionMs, readers } satisfies ReadersAnswer);
  };
}
