import { Acting, type Actor } from '../auth/authorization/acting.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import type { Access } from './access.ts';
import { serverLimits } from './limits.ts';
import { RefusedActionMetrics } from './refused-action-metrics.ts';

/**
 * Decides what services may do by themselves. The log has a line when an action is refused, when the reason changes, and
 * when it is allowed again; the metrics count each refusal.
 */
export function actingOf(
  { keys }: Access,
  { log, metrics }: { readonly log: Log; readonly metrics: MetricRegistry },
): Acting {
  const refusing = new Map<string, TransitionLog>();
  const refusals = new RefusedActionMetrics(metrics);
  return new Acting({
    isLimited: keys !== undefined,
    observer: {
      refused(actor, { action, resource }, reason) {
        refusals.add(actor.service);
        const name = `${actor.sourceArn} ${action} ${resource}`;
        if (!refusing.has(name)) {
          if (refusing.size >= serverLimits.refusedActionsKeptMax) refusing.clear();
          refusing.set(name, new TransitionLog());
        }
        if (refusing.get(name)?.changed(reason) !== true) return;
        log.warn({ ...fieldsOf(actor), action, resource, reason }, 'a service was refused what it is to do');
      },
      allowed(actor, { action, resource }) {
        if (refusing.size === 0 || !refusing.delete(`${actor.sourceArn} ${action} ${resource}`)) return;
        log.info({ ...fieldsOf(actor), action, resource }, 'a service may do again what it is to do');
      },
    },
  });
}

function fieldsOf({ service, sourceArn, role }: Actor): Record<string, string> {
  return { service, source: sourceArn, ...(role !== undefined && { role }) };
}
