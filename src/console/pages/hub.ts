/// <reference lib="webworker" />
import { EventHub, type FromPage } from './event-hub.ts';

/**
 * One connection for all pages of a browser: the worker is shared by its tabs. (With a connection for each tab, the
 * seventh tab of a browser would hang: HTTP/1.1 has six connections.)
 */
const hub = new EventHub();

globalThis.addEventListener('connect', (event: Event) => {
  // The library of a worker's types clashes with that of pages.
  const [port] = (event as MessageEvent).ports;
  if (port === undefined) return;
  // A port has no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  const page = hub.join((message) => port.postMessage(message));
  port.addEventListener('message', ({ data }: MessageEvent<FromPage>) => page.receive(data));
  port.start();
});
