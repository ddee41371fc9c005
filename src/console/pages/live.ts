import { signal } from '@preact/signals';
import { EventHub, type FromPage, type Message, type ToPage } from './event-hub.ts';

/** Whether the server is there. */
export const isConnected = signal(true);
/** Counts how often somebody has logged in or out in another tab, or must log in. */
export const sessionChanges = signal(0);

export interface Listener {
  message(message: Message): void;
  refused?(code: string, text: string): void;
}

const ALIVE_MS = 20_000;
const listeners = new Map<string, Listener>();
let count = 0;
let post: ((message: FromPage) => void) | undefined;

function hub(): (message: FromPage) => void {
  if (post !== undefined) return post;
  if ('SharedWorker' in globalThis) {
    const worker = new SharedWorker(new URL('hub.js', document.baseURI), { type: 'module', name: 'nagare' });
    worker.port.addEventListener('message', ({ data }: MessageEvent<ToPage>) => receive(data));
    worker.port.start();
    const { port } = worker;
    // A port has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    post = (message) => port.postMessage(message);
  } else {
    // Browsers of phones have no shared workers; they show few tabs.
    const page = new EventHub().join(receive);
    post = (message) => page.receive(message);
  }
  const send = post;
  addEventListener('pagehide', () => send({ kind: 'leave' }));
  addEventListener('pageshow', (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  });
  setInterval(() => send({ kind: 'alive' }), ALIVE_MS);
  return post;
}

function receive(message: ToPage): void {
  if (message.kind === 'connection') isConnected.value = message.isUp;
  else if (message.kind === 'session') sessionChanges.value++;
  else if (message.kind === 'message') listeners.get(message.sub)?.message(message.message);
  else listeners.get(message.sub)?.refused?.(message.code, message.text);
}

/** The token that changes need. */
export function authorizeLive(token: string): void {
  hub()({ kind: 'csrf', token });
}

/** Subscribes to a topic of the server; the returned function ends it. */
export function subscribe(request: object, listener: Listener): () => void {
  const sub = String(++count);
  listeners.set(sub, listener);
  hub()({ kind: 'open', sub, request });
  return () => {
    listeners.delete(sub);
    hub()({ kind: 'close', sub });
  };
}
