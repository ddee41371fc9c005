import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponse } from '../http/message.ts';
import { notFound } from './answers.ts';
import { type BundledFiles, cachedBundle, pagesFolder, readBundle } from './bundle.ts';

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

interface Asset {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  readonly type: string;
}

/** The files of the pages, from the package or bundled when they are first asked for. */
export class Assets {
  #files: Promise<ReadonlyMap<string, Asset>> | undefined;

  /** Throws ConsoleError. */
  async answer(path: string, { headers }: Pick<HttpRequest, 'headers'>): Promise<HttpResponse> {
    const asset = (await this.#load()).get(path === '' ? 'index.html' : path);
    if (asset === undefined) throw notFound(`page ${path}`);
    const { plain, gzipped, etag, type } = asset;
    const common = { 'Content-Type': type, ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
    if (headers['if-none-match'] === etag) return { status: 304, headers: common };
    const isSmaller = headers['accept-encoding']?.includes('gzip') === true;
    return isSmaller
      ? { status: 200, headers: { ...common, 'Content-Encoding': 'gzip' }, body: gzipped }
      : { status: 200, headers: common, body: plain };
  }

  #load(): Promise<ReadonlyMap<string, Asset>> {
    if (this.#files !== undefined) return this.#files;
    const loading = load();
    this.#files = loading;
    loading.catch(() => (this.#files = undefined));
    return loading;
  }
}

async function load(): Promise<ReadonlyMap<string, Asset>> {
  const files = await bundle();
  const assets = new Map<string, Asset>();
  for (const [name, plain] of files) {
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    assets.set(name, { plain, gzipped: await compress(plain), etag, type });
  }
  return assets;
}

/** The package has the bundle in place of the sources. */
async function bundle(): Promise<BundledFiles> {
  const isPackaged = import.meta.url.endsWith('.js');
  if (isPackaged) return await readBundle(pagesFolder);
  return await cachedBundle(fileURLToPath(new URL('../../node_modules/.cache/console', import.meta.url)));
}
