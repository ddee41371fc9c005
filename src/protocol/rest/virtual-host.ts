/**
 * S3's virtual-host style: the bucket that the host names, or undefined for path style. Known are
 * `<bucket>.localhost`, and `<bucket>.s3.<anything>`, with any port; an address is no bucket.
 */
export function bucketOfHost(authority: string): string | undefined {
  const host = authority.replace(/:\d+$/, '').toLowerCase();
  if (host === 'localhost' || host.startsWith('s3.') || host.startsWith('[') || /^[\d.]+$/.test(host)) {
    return undefined;
  }
  return (/^(.+?)\.s3[.-]/.exec(host) ?? /^(.+)\.localhost$/.exec(host))?.[1];
}
