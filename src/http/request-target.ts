/** A request's target as path and query, still encoded. Proxies may send the whole URL (RFC 9112, 3.2.2). */
export function splitTarget(target: string): readonly [path: string, query: string] {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = local.indexOf('?');
  const path = mark === -1 ? local : local.slice(0, mark);
  return [path === '' ? '/' : path, mark === -1 ? '' : local.slice(mark + 1)];
}
