import { SignatureError } from '../auth/denial.ts';
import type { Principal } from '../auth/principal.ts';
import type { ServiceError } from '../errors.ts';
import type { HttpRequest } from '../http/message.ts';
import type { Need } from './authorization.ts';
import { denialError } from './denials.ts';
import type { ServerInfo } from './server-info.ts';
import type { OperationGuard } from './operation-guard.ts';
import type { ErrorCodes } from './protocol.ts';
import type { RequestIds } from './request-ids.ts';
import type { CallContext } from './service.ts';

interface CallOptions {
  readonly http: HttpRequest;
  readonly ids: RequestIds;
  readonly principal: Principal;
  readonly server: ServerInfo;
  readonly guard: OperationGuard | undefined;
  readonly errorCodes: () => ErrorCodes;
}

export class Call implements CallContext {
  readonly #options: CallOptions;
  readonly http: HttpRequest;
  readonly requestId: string;
  readonly region: string;
  readonly accountId: string;
  readonly principal: Principal;
  #signer: Principal | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    this.http = options.http;
    this.principal = options.principal;
    this.requestId = options.ids.requestId;
    this.region = options.server.region;
    this.accountId = options.server.accountId;
  }

  get invocationId(): string | undefined {
    const id = this.http.headers['amz-sdk-invocation-id'];
    return typeof id === 'string' ? id : undefined;
  }

  /** Who signed the form that is the input, once its signature was verified. */
  get signer(): Principal | undefined {
    return this.#signer;
  }

  refusalOf(need: Need): ServiceError | undefined | Promise<ServiceError | undefined> {
    return this.#options.guard?.refusalOf(need, this.http, this.#signer ?? this.principal);
  }

  async verifyForm(fields: ReadonlyMap<string, string>, policy: string): Promise<void> {
    const { verifier } = this.#options.server;
    if (verifier === undefined) return;
    try {
      this.#signer = await verifier.verifyForm(fields, policy);
    } catch (error) {
      throw error instanceof SignatureError ? denialError(error, this.#options.errorCodes()) : error;
    }
  }

  get signal(): AbortSignal {
    return this.http.signal;
  }
}
