/** A malformed request: it is answered with this status, and the connection is closed. */
export class HttpSyntaxError extends Error {
  override readonly name = 'HttpSyntaxError';
  readonly status: 400 | 408 | 431 | 501 | 505;

  constructor(status: HttpSyntaxError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

export function malformed(message: string): HttpSyntaxError {
  return new HttpSyntaxError(400, message);
}
