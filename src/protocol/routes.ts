import type { Admitted } from '../auth/admission.ts';
import type { Denial } from '../auth/denial.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** The requests of one kind of protocol. */
export interface Routes {
  answer(request: HttpRequest, admitted: Admitted): Promise<HttpResponse>;
  /** Answers, in the protocol of the request, that it is not admitted. Only the protocol is determined. */
  deny(request: HttpRequest, denial: Denial): HttpResponse;
}
