const ORIGIN_OF_URL = /^https?:\/\/([^/?]*)/i;

/** Splits a request target into path and query, still encoded. Proxies may send the whole URL (RFC 9112, 3.2.2). */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const local = target.startsWith('/') ? target : target.replace(ORIGIN_OF_URL, '');
  const mark = local.indexOf('?');
  const path = mark === -1 ? local : local.slice(0, mark);
  return [path === '' ? '/' : path, mark === -1 ? '' : local.slice(mark + 1)];
}

/** Returns the host in the target, which overrides the Host header; undefined when the target is a path. */
export function authorityOfTarget(target: string): string | undefined {
  return target.startsWith('/') ? undefined : ORIGIN_OF_URL.exec(target)?.[1];
}
