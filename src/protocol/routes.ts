import type { Admitted } from '../auth/admission.ts';
import type { Denial } from '../auth/denial.ts';
import type { HttpRequest, HttpResponse } from '../http/message.ts';

/** The requests of one kind of protocol. */
export interface Routes {
  answer(request: HttpRequest, admitted: Admitted): Promise<HttpResponse>;
  /** Answers, in the protocol of the request, that it is not admitted. The operation is only named. */
  deny(request: HttpRequest, denial: Denial, bucket: string | undefined): HttpResponse;
  /** Whether `answer` would call an operation that its service has. `body` is needed if it is there that it is named. */
  has(request: HttpRequest, admitted: Admitted, body?: Buffer): boolean | 'named-in-body';
}
