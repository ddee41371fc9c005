import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { ConsoleError, denied } from './answers.ts';
import type { Caller } from './caller.ts';
import { flagOf } from './input.ts';
import type { Views } from './views.ts';

const ACTION = 'nagare:GetSupportArchive';

/** The archive of `nagare support`, as a file to keep. Throws ConsoleError. */
export async function supportArchive(
  { changes, support, clock }: Views,
  caller: Caller,
  http: HttpRequest,
  given: unknown,
): Promise<HttpResponse> {
  const input = { hidesNames: flagOf(given, 'hidesNames') };
  const open = async (): Promise<AsyncIterable<Uint8Array>> => {
    if (!(await caller.may(ACTION, '*'))) throw denied(ACTION, 'this server');
    const archive = support.open(http, input);
    if (archive === undefined) throw new ConsoleError(503, 'Busy', 'Another support archive is being made.');
    return archive;
  };
  const noted = { operation: ACTION, input, principal: caller.principal('nagare'), http };
  try {
    const body = await open();
    changes.own({ ...noted, error: undefined }, 'console');
    const time = new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-');
    return {
      status: 200,
      headers: {
        'Content-Type': 'application/gzip',
        'Content-Disposition': `attachment; filename="nagare-support-${time}.tar.gz"`,
      },
      body,
    };
  } catch (error) {
    if (error instanceof ConsoleError) changes.own({ ...noted, error }, 'console');
    throw error;
  }
}
