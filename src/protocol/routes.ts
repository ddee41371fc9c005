import type { Admitted } from '../auth/admission.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** The requests of one kind of protocol. */
export interface Routes {
  answer(request: HttpRequest, admitted: Admitted): Promise<HttpResponse>;
  /** Tells in the protocol of a request that it is not admitted; nothing of it is looked up but the protocol. */
  deny(request: HttpRequest, message: string): HttpResponse;
}
