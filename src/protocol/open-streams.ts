import { setImmediate as turn } from 'node:timers/promises';
import type { AccessKeys } from '../auth/identity.ts';
import type { Principal } from '../auth/principal.ts';
import { ServiceError } from '../errors.ts';
import { HeldAnswers } from '../http/held-answers.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { protocolLimits } from './limits.ts';

/** A call whose answer lasts. */
export interface LastingCall {
  readonly http: HttpRequest;
  readonly principal: Principal;
  /** Whether the policies still allow it. */
  mayGoOn(): Promise<boolean>;
}

export interface OpenStreamsOptions {
  readonly keys: AccessKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/** The event streams that are being sent to callers. */
export type OpenStreams = HeldAnswers<LastingCall>;

/**
 * The event streams that are being sent (SubscribeToShard, StartLiveTail): each ends soon after its key or the permission
 * is taken away. AWS does so only when the client subscribes again, after five minutes at most; a session of Live Tail
 * lasts three hours.
 */
export function openStreams({ keys, clock, log }: OpenStreamsOptions): OpenStreams {
  return new HeldAnswers({
    clock,
    checkMs: protocolLimits.streamCheckMs,
    async check(open) {
      let checked = 0;
      for (const held of open) {
        try {
          if (!(await mayGoOn(held.holder, keys, clock))) await held.return();
        } catch (error) {
          // A resource that is gone ends its streams by itself.
          if (!(error instanceof ServiceError)) {
            log.warn({ err: error }, 'the permission for an open stream cannot be checked');
          }
        }
        // Others get their turn.
        if (++checked % protocolLimits.streamsCheckedAtOnce === 0) await turn();
      }
    },
  });
}

async function mayGoOn(call: LastingCall, keys: AccessKeys, clock: Clock): Promise<boolean> {
  const { accessKeyId } = call.principal.identity;
  if (accessKeyId !== undefined) {
    const key = await keys.find(accessKeyId, tokenOf(call.http));
    if (key?.status !== 'Active') return false;
    if (key.expiresMs !== undefined && key.expiresMs <= clock.now()) return false;
  }
  return await call.mayGoOn();
}

function tokenOf({ headers, query }: HttpRequest): string | undefined {
  const token = headers['x-amz-security-token'];
  if (token !== undefined) return String(token);
  if (!query.includes('X-Amz-Security-Token=')) return undefined;
  return new URLSearchParams(query).get('X-Amz-Security-Token') ?? undefined;
}
