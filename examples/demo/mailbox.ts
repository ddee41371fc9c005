import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Mailbox {
  readonly url: string;
  /** The first notification that comes: its subject. */
  readonly notification: Promise<string>;
  close(): void;
}

/** An HTTP endpoint that confirms its subscription, as SNS asks for, and waits for a notification. */
export async function openMailbox(): Promise<Mailbox> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat(await request.toArray()).toString();
      response.end();
      const message = JSON.parse(text) as { Type: string; Subject?: string; SubscribeURL?: string };
      if (message.SubscribeURL !== undefined) await fetch(message.SubscribeURL);
      else if (message.Type === 'Notification') resolve(message.Subject ?? text);
    })().catch(reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of that form.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, notification: promise, close: () => server.close() };
}
