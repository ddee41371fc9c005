import { randomId } from './random-id.ts';

/** What a page sends to the hub. */
export type FromPage =
  | { readonly kind: 'open'; readonly sub: string; readonly request: object }
  | { readonly kind: 'close'; readonly sub: string }
  | { readonly kind: 'csrf'; readonly token: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'leave' };

/** What the hub sends to a page. */
export type ToPage =
  | { readonly kind: 'message'; readonly sub: string; readonly message: Message }
  | { readonly kind: 'refused'; readonly sub: string; readonly code: string; readonly text: string }
  | { readonly kind: 'connection'; readonly isUp: boolean }
  /** Somebody has logged in or must log in: the page asks the server. */
  | { readonly kind: 'session' };

export type Message = Readonly<Record<string, unknown>>;

interface Subscription {
  request: Record<string, unknown>;
  readonly send: (message: ToPage) => void;
}

const RETRY_MS = 1000;
const RETRY_MS_MAX = 10_000;
/** The server sends something every 15 seconds: a connection on which nothing comes for longer is dead. */
const UNHEARD_MS_MAX = 40_000;
/** A new connection is greeted at once. */
const UNGREETED_MS_MAX = 10_000;
const WATCH_MS = 5_000;
const QUESTION_MS_MAX = 5_000;
/** A page that has not been heard of for this long is closed: browsers do not say when a tab goes. */
const SILENT_MS_MAX = 60_000;

/** Holds the connection to the server, and hands its messages to the pages that asked for them. */
export class EventHub {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #pages = new Set<Page>();
  #source: EventSource | undefined;
  #id: string | undefined;
  #csrf = '1';
  /** Until an attempt to connect has failed. */
  #isUp = true;
  #heardMs = 0;
  #watch: ReturnType<typeof setInterval> | undefined;
  /** Nothing is asked for until somebody has logged in. */
  #isLoggedOut = false;
  #retryMs = RETRY_MS;
  #pending = new Set<string>();
  #closing: string[] = [];
  #isScheduled = false;

  join(send: (message: ToPage) => void): Page {
    const page = new Page(this, send);
    this.#pages.add(page);
    this.#sweep();
    send({ kind: 'connection', isUp: this.#isUp });
    return page;
  }

  leave(page: Page): void {
    this.#pages.delete(page);
    if (this.#pages.size === 0) this.#disconnect();
  }

  /** `from` has logged in, or was opened when somebody was. */
  authorize(token: string, from: Page): void {
    if (token === this.#csrf && !this.#isLoggedOut) return;
    this.#csrf = token;
    this.#isLoggedOut = false;
    for (const page of this.#pages) if (page !== from) page.send({ kind: 'session' });
    if (this.#subscriptions.size === 0) return;
    this.#connect();
    this.#schedule();
  }

  open(name: string, subscription: Subscription): void {
    this.#subscriptions.set(name, subscription);
    this.#pending.add(name);
    this.#schedule();
    this.#connect();
  }

  close(name: string): void {
    if (!this.#subscriptions.delete(name)) return;
    this.#pending.delete(name);
    this.#closing.push(name);
    this.#schedule();
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const page of this.#pages) if (nowMs - page.heardMs > SILENT_MS_MAX) page.leave();
  }

  #connect(): void {
    if (this.#source !== undefined || this.#isLoggedOut) return;
    const source = new EventSource('api/events');
    this.#source = source;
    this.#heardMs = Date.now();
    this.#watch = setInterval(() => {
      const maxMs = this.#id === undefined ? UNGREETED_MS_MAX : UNHEARD_MS_MAX;
      if (Date.now() - this.#heardMs > maxMs) void this.#lose(source);
    }, WATCH_MS);
    source.addEventListener('hello', (event: MessageEvent<string>) => {
      this.#heardMs = Date.now();
      ({ id: this.#id } = JSON.parse(event.data) as { id: string });
      this.#retryMs = RETRY_MS;
      this.#tell(true);
      this.#closing = [];
      for (const name of this.#subscriptions.keys()) this.#pending.add(name);
      this.#schedule();
    });
    source.addEventListener('alive', () => (this.#heardMs = Date.now()));
    // The time of the connection is over; the next one goes on where it ends.
    source.addEventListener('end', () => void this.#lose(source));
    source.addEventListener('message', (event: MessageEvent<string>) => {
      this.#heardMs = Date.now();
      this.#receive(event.data);
    });
    source.addEventListener('error', () => void this.#lose(source));
  }

  /** A connection that has worked is replaced at once; after an attempt that failed there is a pause. */
  async #lose(source: EventSource): Promise<void> {
    if (this.#source !== source) return;
    const hasWorked = this.#id !== undefined;
    this.#release();
    this.#sweep();
    if (hasWorked) {
      if (this.#subscriptions.size > 0) this.#connect();
      return;
    }
    if (await mustLogIn()) return this.#logOut();
    this.#tell(false);
    setTimeout(() => {
      if (this.#subscriptions.size > 0) this.#connect();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }

  #logOut(): void {
    this.#isLoggedOut = true;
    for (const page of this.#pages) page.send({ kind: 'session' });
  }

  #release(): void {
    clearInterval(this.#watch);
    this.#source?.close();
    this.#source = undefined;
    this.#id = undefined;
  }

  #disconnect(): void {
    this.#release();
    this.#subscriptions.clear();
  }

  #tell(isUp: boolean): void {
    this.#isUp = isUp;
    for (const page of this.#pages) page.send({ kind: 'connection', isUp });
  }

  #receive(data: string): void {
    const message = JSON.parse(data) as Message & { readonly sub: string; readonly positions?: object };
    const subscription = this.#subscriptions.get(message.sub);
    if (subscription === undefined) return;
    // After a lost connection a tail goes on behind the last record that arrived.
    if (message.positions !== undefined) {
      subscription.request['after'] = { ...(subscription.request['after'] as object), ...message.positions };
    }
    subscription.send({ kind: 'message', sub: message.sub, message });
    if (message['ended'] !== undefined) this.#subscriptions.delete(message.sub);
  }

  /** Changes of one moment are sent together. */
  #schedule(): void {
    if (this.#isScheduled || this.#id === undefined) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const open: Record<string, object> = {};
    for (const name of this.#pending) {
      const subscription = this.#subscriptions.get(name);
      if (subscription !== undefined) open[name] = subscription.request;
    }
    const close = this.#closing;
    const source = this.#source;
    this.#pending = new Set();
    this.#closing = [];
    try {
      const response = await fetch(`api/events/${this.#id}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-nagare-console': this.#csrf },
        body: JSON.stringify({ open, close }),
      });
      if (response.status === 401) {
        for (const name of Object.keys(open)) this.#pending.add(name);
        this.#release();
        return this.#logOut();
      }
      // The server has ended the connection, and this browser does not know yet.
      if (response.status === 404 && source !== undefined) return await this.#lose(source);
      const answer = (await response.json()) as {
        refused?: Record<string, { code: string; message: string }>;
        code?: string;
        message?: string;
      };
      for (const [sub, { code, message }] of Object.entries(answer.refused ?? {})) {
        this.#subscriptions.get(sub)?.send({ kind: 'refused', sub, code, text: message });
      }
      if (answer.code !== undefined) this.#refuseAll(open, answer.code, answer.message ?? '');
    } catch {
      // The connection is lost; `hello` opens them again.
      for (const name of Object.keys(open)) this.#pending.add(name);
    }
  }

  #refuseAll(open: object, code: string, text: string): void {
    for (const sub of Object.keys(open)) {
      this.#subscriptions.get(sub)?.send({ kind: 'refused', sub, code, text });
    }
  }
}

/** Whether the server is there, and knows nobody by the cookie of this browser. */
async function mustLogIn(): Promise<boolean> {
  try {
    const response = await fetch('api/session', { signal: AbortSignal.timeout(QUESTION_MS_MAX) });
    const { isLoggedIn } = (await response.json()) as { readonly isLoggedIn?: boolean };
    return isLoggedIn === false;
  } catch {
    return false;
  }
}

/** One tab. */
export class Page {
  readonly #hub: EventHub;
  readonly #names = new Map<string, string>();
  readonly #prefix = randomId();
  readonly send: (message: ToPage) => void;
  heardMs = Date.now();

  constructor(hub: EventHub, send: (message: ToPage) => void) {
    this.#hub = hub;
    this.send = send;
  }

  receive(message: FromPage): void {
    this.heardMs = Date.now();
    if (message.kind === 'csrf') this.#hub.authorize(message.token, this);
    else if (message.kind === 'open') this.#open(message.sub, message.request);
    else if (message.kind === 'close') this.#close(message.sub);
    else if (message.kind === 'leave') this.leave();
  }

  #open(sub: string, request: object): void {
    const name = `${this.#prefix}/${sub}`;
    this.#names.set(sub, name);
    const send = (message: ToPage): void => {
      if ('sub' in message) this.send({ ...message, sub });
    };
    this.#hub.open(name, { request: { ...request }, send });
  }

  #close(sub: string): void {
    const name = this.#names.get(sub);
    if (name !== undefined) this.#hub.close(name);
    this.#names.delete(sub);
  }

  leave(): void {
    for (const name of this.#names.values()) this.#hub.close(name);
    this.#names.clear();
    this.#hub.leave(this);
  }
}
