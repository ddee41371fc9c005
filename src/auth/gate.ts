import type { HttpRequest, HttpResponse } from '../http/message.ts';
import type { Denial } from './denial.ts';
import type { Principal } from './principal.ts';

/** Decides whether the server carries out a request now, apart from whether the caller may do it. */
export interface RequestGate {
  /** Called when the head of a request has arrived, before its signature is verified. */
  arrive(request: HttpRequest, claimed: Principal): Denial | undefined;
  /** Called when the caller is known, before the operation is looked up. */
  identify(request: HttpRequest, principal: Principal): Denial | undefined;
  /** Called when the signature could not be verified. Returns by how many milliseconds the refusal is sent later. */
  fail(request: HttpRequest, denial: Denial): number;
  /** Called with the answer. Returns the one to send, or why there is none. */
  leave(request: HttpRequest, principal: Principal, response: HttpResponse): HttpResponse | Denial;
}
