import type { Egress } from '../../support/egress.ts';
import { HttpClient } from '../../support/http-json.ts';
import { icebergLimits } from './limits.ts';

/** The HTTP client for REST catalogs. */
export function catalogClient(
  egress: Egress,
  timeoutMs: number = icebergLimits.catalogTimeoutMs,
): HttpClient {
  return new HttpClient(egress, {
    timeoutMs,
    socketsMax: icebergLimits.catalogSocketsMax,
    responseBytesMax: icebergLimits.catalogResponseBytesMax,
    keepAlive: true,
  });
}
