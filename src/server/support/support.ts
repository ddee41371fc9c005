import type { Readable } from 'node:stream';
import type { RecentChanges } from '../../audit/recent-changes.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Config } from '../../config.ts';
import type { HttpRequest, HttpResponse } from '../../http/message.ts';
import type { Clock } from '../../support/clock.ts';
import { answerCommand, isCommand } from '../command.ts';
import { serverLimits } from '../limits.ts';
import { archiveOf } from './archive.ts';
import { hiding } from './hide-names.ts';
import { machineParts } from './machine-parts.ts';
import { serverParts, type ServerPartsOptions } from './server-parts.ts';

export const SUPPORT_PATH = '/_nagare/support';

/** In the activity. */
export const SUPPORT_ACTION = 'nagare:GetSupportArchive';

export interface SupportRequest {
  readonly hidesNames: boolean;
}

export interface SupportOptions extends ServerPartsOptions {
  readonly config: Config;
  readonly clock: Clock;
}

/** Makes archives for a maintainer, one at a time: without records, objects, code, keys or environment. */
export class SupportArchives {
  readonly #options: SupportOptions;
  #isBusy = false;

  constructor(options: SupportOptions) {
    this.#options = options;
  }

  /** A tar.gz; undefined while another one is being made. Who asks must be allowed to have it. */
  open(http: HttpRequest, { hidesNames }: SupportRequest): Readable | undefined {
    if (this.#isBusy) return undefined;
    this.#isBusy = true;
    const { config, clock } = this.#options;
    const parts = [...machineParts(config, clock), ...serverParts(this.#options, http, hiding(hidesNames))];
    return archiveOf(parts, clock, () => (this.#isBusy = false));
  }
}

/** Answers `POST /_nagare/support`, of `nagare support`; undefined for other requests. */
export function supportRoute(archives: SupportArchives, changes: Pick<RecentChanges, 'own'> | undefined) {
  return async (request: HttpRequest, principal: Principal): Promise<HttpResponse | undefined> => {
    if (request.path !== SUPPORT_PATH) return undefined;
    if (!isCommand(request, 'support')) return answerCommand(403, { message: 'not a command of nagare' });
    // Sent by nagare's own command.
    const input = (await request.body(serverLimits.commandBytesMax)).json() as SupportRequest;
    changes?.own({ operation: SUPPORT_ACTION, input, principal, http: request, error: undefined }, 'API');
    const body = archives.open(request, input);
    if (body === undefined) return answerCommand(503, { message: 'another support archive is being made' });
    return { status: 200, headers: { 'Content-Type': 'application/gzip' }, body };
  };
}
