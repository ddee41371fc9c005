import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

/** An SDK as pages load it, without a bundler. */
const sdk = createRequire(import.meta.url).resolve('aws-sdk/dist/aws-sdk.min.js');

export interface PageServer {
  readonly port: number;
  /** Serves a page whose body is `html`, and gives its path. */
  page(html: string): string;
  close(): Promise<void>;
}

/** Somebody's website on this machine; `/aws-sdk.js` is AWS's SDK. */
export async function startPages(): Promise<PageServer> {
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    if (request.url === '/aws-sdk.js') {
      response.setHeader('content-type', 'text/javascript');
      createReadStream(sdk).pipe(response);
      return;
    }
    const html = pages.get(request.url ?? '');
    response.writeHead(html === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A server that listens on a port has an address of that form.
    port: (server.address() as AddressInfo).port,
    page(html) {
      const path = `/page-${pages.size}`;
      pages.set(path, `<!doctype html><title>page</title><body>${html}</body>`);
      return path;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
