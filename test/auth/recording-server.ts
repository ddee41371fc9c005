import { once } from 'node:events';
import { connect } from 'node:http2';
import { createAdmission } from '../../src/auth/admission.ts';
import type { CallContext } from '../../src/protocol/service.ts';
import { RawClient } from '../http/support.ts';
import { serveServices, testService } from '../protocol/support.ts';

/** A page that may call. */
export const PAGE = 'https://app.example';

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Latin-1. */
  readonly body?: string;
}

export interface Got {
  readonly status: number;
  /** In lower case. */
  readonly head: string;
  readonly body: string;
}

/** A server of all protocols that remembers what was carried out. */
export async function startRecordingServer() {
  let called: string[] = [];
  let lastCall: CallContext | undefined;
  const services = (['kinesis', 'lambda', 's3', 'sns', 'monitoring'] as const).map((name) =>
    testService(
      name,
      (operation) => (_input, call) => {
        called.push(operation);
        lastCall = call;
        return {};
      },
      name === 'sns' ? { unsigned: ['ConfirmSubscription', 'Unsubscribe'] } : {},
    ),
  );
  const server = await serveServices(services, {
    admit: createAdmission({ host: '127.0.0.1', allowedHosts: ['nagare.example'], corsOrigins: [PAGE] }),
    reserved: ({ path }) => {
      called.push(path);
      return Promise.resolve({ status: 200, headers: {}, body: 'reserved' });
    },
  });
  return {
    port: server.port,
    url: server.url,
    /** Operations, and paths below `/_nagare/`, that were carried out since this was last asked. */
    called(): string[] {
      const before = called;
      called = [];
      return before;
    },
    lastCall: (): CallContext | undefined => lastCall,
    send: (sent: Sent): Promise<Got> => send(server.port, sent),
    sendHttp2: (sent: Sent): Promise<Got> => sendHttp2(server.url, sent),
    close: () => server[Symbol.asyncDispose](),
  };
}

export type RecordingServer = Awaited<ReturnType<typeof startRecordingServer>>;

/** As bytes, since clients would mend some of it. */
async function send(
  port: number,
  { method = 'POST', path = '/', headers = {}, body = '' }: Sent,
): Promise<Got> {
  const client = await RawClient.connect(port);
  const lines = Object.entries({ host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const length = body === '' ? '' : `content-length: ${body.length}\r\n`;
  const text = `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}connection: close\r\n\r\n${body}`;
  client.send(Buffer.from(text, 'latin1'));
  const [head = '', content = ''] = (await client.ended()).split(/\r\n\r\n(.*)/s);
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: content };
}

/** The same over HTTP/2; Host becomes :authority. */
async function sendHttp2(
  url: string,
  { method = 'POST', path = '/', headers = {}, body = '' }: Sent,
): Promise<Got> {
  const session = connect(url);
  const { host = '127.0.0.1', ...others } = headers;
  const fields = { ':method': method, ':path': path, ':authority': host, ...others };
  const stream = session.request(fields, { endStream: body === '' });
  if (body !== '') stream.end(body, 'latin1');
  const [answer] = (await once(stream, 'response')) as [Record<string, string | number>];
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  session.close();
  const head = Object.entries(answer).map(([name, value]) => `${name}: ${value}`);
  return {
    status: Number(answer[':status']),
    head: head.join('\r\n').toLowerCase(),
    body: Buffer.concat(chunks).toString(),
  };
}

export const target = (operation: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': `Kinesis_20131202.${operation}`,
});
