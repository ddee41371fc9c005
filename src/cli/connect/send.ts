import { signed } from '../../auth/sign.ts';
import { CommandError, type CommandErrorFacts } from '../terminal.ts';
import { plain } from '../output/plain.ts';
import type { FoundServer } from './find-server.ts';
import { request } from './request.ts';
import { serviceUrl } from './service-url.ts';

export interface ToSend {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** That the request is signed for. */
  readonly service: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** A whole answer, of any status. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a signed request. Rejects with NoAnswerError unless the whole answer arrives. */
export async function send(server: FoundServer, request: ToSend): Promise<Answer> {
  const answer = await sendForBody(server, request);
  const { ok, status, headers } = answer;
  const text = await answer.text().catch((error: unknown) => {
    throw new NoAnswerError(server, error);
  });
  return { ok, status, headers, text };
}

/** The same for an answer that is large, or no text. */
export async function sendForBody(server: FoundServer, toSend: ToSend): Promise<Response> {
  const { method, path, service, headers = {}, body = '', signal } = toSend;
  const { region, credentials } = server;
  const url = serviceUrl(server, service, path);
  const toSign = { method, url, headers, body };
  const signedHeaders = signed(toSign, credentials, { region, service }, new Date());
  return await request(server, url, { method, headers: signedHeaders, body, signal }).catch(
    (error: unknown) => {
      throw new NoAnswerError(server, error);
    },
  );
}

/** What is not JSON, as of a server of another kind, is undefined. */
export function jsonOf({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** For messages. */
export function nameOf({ endpoint, region }: FoundServer): string {
  return endpoint ?? `AWS in ${region}`;
}

/** The server did not answer, or not to the end. */
export class NoAnswerError extends CommandError {
  override readonly name = 'NoAnswerError';

  constructor(server: FoundServer, error?: unknown) {
    const [message, facts] = described(server, causeOf(error));
    super(message, facts);
  }
}

/** The deepest error says what happened: fetch wraps it. */
function causeOf(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return error.cause instanceof Error ? causeOf(error.cause) : error;
}

function described(server: FoundServer, cause: Error | undefined): [string, CommandErrorFacts] {
  const name = nameOf(server);
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : '';
  // OpenSSL's end with a line of their own.
  const why = plain(cause?.message.trim() ?? '');
  if (/_ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    return [`${name} refuses the client certificate, or wants one`, { why, remedy: 'nagare help connect' }];
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const remedy = 'export AWS_CA_BUNDLE=CERTIFICATE-FILE';
    return [`the certificate of ${name} is not trusted`, { why, remedy }];
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return [`no server answers at ${name}`, { why: 'its host is not known', remedy: 'nagare help connect' }];
  }
  // The SDK names a connection that was reset so too.
  if (cause?.name === 'TimeoutError' && code !== 'ECONNRESET' && code !== 'EPIPE') {
    return [`${name} gave no answer`, { why: 'it took too long', remedy: 'nagare help connect' }];
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    const remedy = `--endpoint-url ${name.replace(/^https:/, 'http:')}`;
    return [`${name} gave no answer`, { why: 'the server there does not speak TLS', remedy }];
  }
  if (server.endpoint === undefined) return [`${name} does not answer`, why === '' ? {} : { why }];
  if (code === 'ECONNREFUSED') {
    return [
      `no server answers at ${name}`,
      {
        why: 'it is not running, or it listens elsewhere (--endpoint-url, AWS_ENDPOINT_URL)',
        remedy: 'nagare start',
      },
    ];
  }
  return [`${name} gave no answer`, { why, remedy: 'nagare help connect' }];
}
