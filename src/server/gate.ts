import type { RequestGate } from '../auth/gate.ts';
import { RateGate } from '../auth/rate/rate-gate.ts';
import type { Config } from '../config.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { Access } from './access.ts';
import type { Audit } from './audit.ts';
import { serverLimits } from './limits.ts';

/** What one caller and one address may do; 0 is no limit. */
export type Rates = Readonly<Required<NonNullable<Config['rates']>>>;

const NO_LIMITS: Rates = { requestsPerSecond: 0, bytesPerSecond: 0, connections: 0, streams: 0 };

/** With `--auth off` there are only the limits that were set. */
export function ratesOf({ rates = {} }: Config, auth: Access['auth']): Rates {
  const defaults: Rates = {
    requestsPerSecond: serverLimits.requestsPerSecondDefault,
    bytesPerSecond: serverLimits.bytesPerSecondDefault,
    connections: serverLimits.addressConnectionsDefault,
    streams: serverLimits.streamsDefault,
  };
  return { ...(auth === 'required' ? defaults : NO_LIMITS), ...rates };
}

/** Undefined if nothing limits requests, so that they cost nothing more. */
export function gateOf(
  access: Access,
  config: Config,
  { audit, metrics }: { readonly audit: Audit; readonly metrics: MetricRegistry },
): RequestGate | undefined {
  const { requestsPerSecond, bytesPerSecond, streams } = ratesOf(config, access.auth);
  const isLimited = requestsPerSecond + bytesPerSecond + streams > 0 || access.auth === 'required';
  if (!isLimited && !audit.isRequired) return undefined;
  const refused = {
    requests: metrics.metric('Nagare/Limits', 'RefusedByRequests', 'Count'),
    bytes: metrics.metric('Nagare/Limits', 'RefusedByBytes', 'Count'),
    streams: metrics.metric('Nagare/Limits', 'RefusedByStreams', 'Count'),
    'wrong signatures': metrics.metric('Nagare/Limits', 'DelayedRefusals', 'Count'),
  };
  const gate = new RateGate({
    requestsPerSecond,
    bytesPerSecond,
    streams,
    nowMs: () => Math.floor(performance.now()),
    onLimit: (limit) => refused[limit].add(1),
  });
  if (!audit.isRequired) return gate;
  return {
    arrive: (request, claimed) => audit.refusal() ?? gate.arrive(request, claimed),
    identify: (request, principal) => gate.identify(request, principal),
    fail: (request, denial) => gate.fail(request, denial),
    leave: (request, principal, response) => gate.leave(request, principal, response),
  };
}
