import { until } from '../support/until.ts';

export const API = '/_nagare/console/api/';

/** A console in a browser, as far as the server sees it. */
export class ConsoleClient {
  readonly endpoint: string;
  cookie: string | undefined;
  csrf = '1';

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.cookie !== undefined) headers.set('cookie', this.cookie);
    if (init.method === 'POST') headers.set('x-nagare-console', this.csrf);
    return await fetch(this.endpoint + API + path, { ...init, headers });
  }

  async get(path: string): Promise<{ status: number; content: Record<string, unknown> }> {
    return await answered(await this.fetch(path));
  }

  async post(path: string, body: object): Promise<{ status: number; content: Record<string, unknown> }> {
    return await answered(await this.fetch(path, { method: 'POST', body: JSON.stringify(body) }));
  }

  async login(accessKeyId: string, secretAccessKey: string): Promise<{ status: number; cookie: string }> {
    const body = JSON.stringify({ accessKeyId, secretAccessKey });
    const response = await this.fetch('login', { method: 'POST', body });
    const cookie = response.headers.get('set-cookie') ?? '';
    const { csrf } = (await response.json()) as { csrf?: string };
    this.cookie = cookie.split(';')[0];
    this.csrf = csrf ?? '1';
    return { status: response.status, cookie };
  }

  async events(): Promise<EventClient> {
    return await EventClient.open(this);
  }
}

async function answered(response: Response) {
  const text = await response.text();
  const content = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  return { status: response.status, content };
}

export type Message = Readonly<Record<string, unknown>> & { readonly sub: string };

/** The event stream of one browser. */
export class EventClient implements AsyncDisposable {
  readonly messages: Message[] = [];
  readonly #client: ConsoleClient;
  readonly #closing: AbortController;
  readonly id: string;
  /** The server has ended it. */
  hasEnded = false;

  private constructor(client: ConsoleClient, closing: AbortController, id: string) {
    this.#client = client;
    this.#closing = closing;
    this.id = id;
  }

  static async open(client: ConsoleClient): Promise<EventClient> {
    const closing = new AbortController();
    const response = await client.fetch('events', { signal: closing.signal });
    const texts = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (response.status !== 200 || texts === undefined) throw new Error(`events: ${response.status}`);
    let rest = '';
    const next = async (): Promise<string | undefined> => {
      for (let end = rest.indexOf('\n\n'); ; end = rest.indexOf('\n\n')) {
        if (end >= 0) {
          const event = rest.slice(0, end);
          rest = rest.slice(end + 2);
          return event;
        }
        const { value, done } = await texts.read();
        if (done) return undefined;
        rest += value;
      }
    };
    const hello = /data: (.*)/.exec((await next()) ?? '')?.[1] ?? '{}';
    const { id } = JSON.parse(hello) as { id: string };
    const events = new EventClient(client, closing, id);
    void (async () => {
      for (let event = await next(); event !== undefined; event = await next()) {
        const data = /^data: (.*)/m.exec(event)?.[1];
        if (data !== undefined) events.messages.push(JSON.parse(data) as Message);
      }
      events.hasEnded = true;
    })().catch(() => undefined);
    return events;
  }

  async subscribe(sub: string, request: object) {
    return await this.#client.post(`events/${this.id}`, { open: { [sub]: request } });
  }

  of(sub: string): Message[] {
    return this.messages.filter((message) => message.sub === sub);
  }

  /** The rows of a tail, in the order in which they came. */
  rows(sub: string): { shard: string; seq: string; text: string; key: string; chain: string[] }[] {
    return this.of(sub).flatMap(({ rows = [] }) => rows as []);
  }

  async first<T>(sub: string, find: (message: Message) => T | undefined | false): Promise<T> {
    return (
      await until(() => {
        for (const message of this.of(sub)) {
          const found = find(message);
          if (found !== undefined && found !== false) return { found };
        }
        return undefined;
      })
    ).found;
  }

  /** The first message with this member. The caller knows what the topic sends: nothing here checks it. */
  async firstWith<T>(sub: string, member: keyof T & string): Promise<T> {
    return await this.first(sub, (message) => member in message && (message as unknown as T));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
  }
}
