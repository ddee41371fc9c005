import { ListLogCheck, type ListLogReport } from '../decode/list-log-check.ts';
import { discard, type HttpRequest, type HttpResponse } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Outlet } from './event-stream.ts';
import { ConsoleError, notFound } from './answers.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import { getObject } from './objects.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

/** How far the check of a list log is. */
export interface ListLogCheckView {
  readonly bytes: number;
  readonly totalBytes: number;
  /** At the end. */
  readonly report: ListLogReport | undefined;
}

/** Reads the object of a list log as the caller, and sends how far that is, and at the end what was found. */
export async function checkListLog(
  views: Views,
  caller: Caller,
  http: HttpRequest,
  name: string,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  const { calls, clock } = views;
  const found = await answerTo<{
    readonly ListLogDescription?: {
      readonly Bucket?: string;
      readonly Key?: string;
      readonly Endpoint?: string;
    };
  }>(calls, caller, http, 'listlog', 'DescribeListLog', { ListLogName: name });
  const { Bucket: bucket = '', Key: key = '', Endpoint } = found?.ListLogDescription ?? {};
  if (found === undefined) throw notFound(`list log ${name}`);
  if (Endpoint !== undefined || views.elsewhere !== undefined) {
    throw new ConsoleError(400, 'Elsewhere', 'Its object is in another S3, which this server does not read.');
  }
  const response = await getObject(views, caller, http, { bucket, key }, {});
  try {
    if (response.status !== 200) {
      throw new ConsoleError(
        404,
        'NotRead',
        `s3://${bucket}/${key} cannot be read: status ${response.status}.`,
      );
    }
    await readThrough(response, clock, outlet, signal);
  } finally {
    await discard(response);
  }
}

async function readThrough(
  { body, headers }: HttpResponse,
  clock: Pick<Clock, 'now'>,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  const totalBytes = Number(headers['Content-Length'] ?? 0);
  const check = new ListLogCheck(totalBytes, metadataIn(headers));
  const send = (report: ListLogReport | undefined): Promise<void> =>
    outlet.send({ bytes: check.bytes, totalBytes, report } satisfies ListLogCheckView);
  await send(undefined);
  let sentMs = clock.now();
  for await (const chunk of chunksOf(body)) {
    if (signal.aborted) return;
    check.add(chunk);
    if (clock.now() - sentMs < consoleLimits.checkProgressMs) continue;
    sentMs = clock.now();
    await send(undefined);
  }
  await send(check.report());
}

async function* chunksOf(body: HttpResponse['body']): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  if (typeof body === 'string' || body instanceof Uint8Array) yield Buffer.from(body as Uint8Array);
  else yield* body;
}

function metadataIn(headers: HttpResponse['headers']): Record<string, string> {
  const prefix = 'x-amz-meta-';
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
