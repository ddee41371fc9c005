import type { Principal } from '../auth/principal.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

/**
 * The server's own pages. They have a login of their own in place of signatures, and pages of the same origin may call
 * what is below them.
 */
export interface WebPages {
  isFor(request: HttpRequest): boolean;
  /** `identified` is called with the caller, before the response. */
  answer(request: HttpRequest, identified: (principal: Principal) => void): Promise<HttpResponse>;
}
