import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SecureClientSessionOptions } from 'node:http2';
import type { Config } from '../config.ts';
import type { ClusterSettings } from '../config/cluster.ts';
import { UserError } from '../errors.ts';
import { reasonOf } from '../support/errno.ts';
import type { ClusterOptions } from './cluster.ts';
import { openSnapshots } from './snapshots.ts';

/** Undefined for a server of its own. */
export function clusterOf(config: Config): ClusterOptions | undefined {
  const { cluster } = config;
  if (cluster === undefined) return undefined;
  const { objectStore } = config;
  const { log: settings, files, url, takeOverAfterMs, readAgeMaxMs, snapshots } = cluster;
  return {
    async openLog(parts) {
      // A server of its own starts without the clients of Kafka and S3.
      const { openSharedLog } = await import('./shared-log.ts');
      return await openSharedLog(settings, { ...files, ...parts });
    },
    ...(url !== undefined && { url }),
    takeOverAfterMs,
    readAgeMaxMs,
    ...(snapshots && objectStore && { openSnapshots: () => openSnapshots(snapshots, objectStore) }),
    tls: () => tlsOf(config, cluster),
  };
}

/** What machines need to reach each other over TLS cannot be used; the message names the file. */
export class ClusterTlsError extends UserError {
  override readonly name = 'ClusterTlsError';
}

/** Its object identifier: the certificate may be shown by a client of TLS. */
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

/**
 * What this machine trusts and shows when it forwards requests to another one; the files may have been renewed. Throws
 * ClusterTlsError.
 */
async function tlsOf({ tls }: Config, { caFile }: ClusterSettings): Promise<SecureClientSessionOptions> {
  const files = tls?.clientCa === undefined ? undefined : tls.files;
  return {
    ...(caFile !== undefined && { ca: await read(caFile) }),
    ...(files !== undefined && { cert: clientCertificate(await read(files.cert), files.cert) }),
    ...(files !== undefined && { key: await read(files.key) }),
  };
}

/** The other machines would refuse each connection, and nobody would know why. */
function clientCertificate(pem: Buffer, file: string): Buffer {
  // Undefined if it may be used for everything.
  const uses: readonly string[] | undefined = new X509Certificate(pem).keyUsage;
  if (uses === undefined || uses.includes(CLIENT_AUTHENTICATION)) return pem;
  throw new ClusterTlsError(
    `${file} is a certificate for servers only: with --tls-client-ca the machines show it to each other, so it must be for TLS client authentication too`,
  );
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new ClusterTlsError(`${file} cannot be read: ${reasonOf(error)}`);
  }
}
