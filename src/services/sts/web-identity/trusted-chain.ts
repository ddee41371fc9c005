import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/**
 * Whether a server's certificate is for that host and valid now, and one of the certificates above it, or the only one,
 * has one of the thumbprints (hex SHA-1, in lower case). For issuers whose authority the machine does not know.
 */
export function isTrustedChain(
  socket: Pick<TLSSocket, 'getPeerX509Certificate'>,
  host: string,
  thumbprints: readonly string[],
  nowMs: number,
): boolean {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined || !isFor(leaf, host)) return false;
  const chain = chainOf(leaf);
  if (!chain.every(({ validFromDate, validToDate }) => +validFromDate <= nowMs && nowMs <= +validToDate)) {
    return false;
  }
  const authorities = chain.length === 1 ? chain : chain.slice(1);
  return authorities.some(({ fingerprint }) =>
    thumbprints.includes(fingerprint.replaceAll(':', '').toLowerCase()),
  );
}

function isFor(leaf: X509Certificate, host: string): boolean {
  return (leaf.checkHost(host) ?? leaf.checkIP(host)) !== undefined;
}

/** The leaf, and above it each certificate that has signed the one before. */
function chainOf(leaf: X509Certificate): X509Certificate[] {
  const chain = [leaf];
  for (let last = leaf, next = leaf.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    const isSelfSigned = next.fingerprint256 === last.fingerprint256;
    if (isSelfSigned || !last.checkIssued(next) || !last.verify(next.publicKey)) break;
    chain.push(next);
    last = next;
  }
  return chain;
}
