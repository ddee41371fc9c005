import { isLoopbackHost } from '../support/loopback.ts';
import { ServerKeys, type RootKey } from '../auth/keys/server-keys.ts';
import { SignatureVerifier } from '../auth/signature/verify.ts';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { type Service, signingName } from '../protocol/service.ts';
import { systemClock } from '../support/clock.ts';
import { serverLimits } from './limits.ts';
import { storedRootKey } from './root-key.ts';

/** The settings leave the server open to others. The message names the setting to change. */
export class AccessError extends UserError {
  override readonly name = 'AccessError';
}

/** Who may call the server. */
export interface Access {
  readonly auth: 'off' | 'required';
  /** Undefined when signatures are not checked. */
  readonly keys: ServerKeys | undefined;
  /** Other machines may use plain HTTP. */
  readonly plaintext: 'everyone' | 'this machine';
}

/** Throws AccessError when another machine could call the server without a key, or without TLS. */
export async function accessOf(config: Config): Promise<Access> {
  const { host, tls, insecurePlaintext = false, region, accountId } = config;
  const root: RootKey | undefined = config.rootKey ?? (await storedRootKey(config));
  const auth = config.auth ?? (root === undefined ? 'off' : 'required');
  if (auth === 'required' && root === undefined) {
    throw new AccessError(
      '--auth required needs a root key: make one with `nagare key init`, or set NAGARE_ROOT_ACCESS_KEY_ID and NAGARE_ROOT_SECRET_ACCESS_KEY_FILE',
    );
  }
  if (!isLoopbackHost(host)) checkOpenToOthers(host, auth, tls !== undefined || insecurePlaintext);
  const isProtected = auth === 'required' && root !== undefined;
  // The machine's clock: the server's own does not follow a jump, and clients sign by theirs.
  return {
    auth,
    keys: isProtected ? new ServerKeys({ root, region, accountId, now: () => systemClock.now() }) : undefined,
    plaintext: isLoopbackHost(host) || insecurePlaintext ? 'everyone' : 'this machine',
  };
}

function checkOpenToOthers(host: string, auth: Access['auth'], isEncrypted: boolean): void {
  if (auth === 'off') {
    throw new AccessError(
      `--host ${host} lets other machines in, and signatures are not checked: make a root key with \`nagare key init\` and do not set --auth off, or listen on 127.0.0.1`,
    );
  }
  if (!isEncrypted) {
    throw new AccessError(
      `--host ${host} lets other machines in without TLS: add --tls, or --insecure-plaintext if a proxy in front of nagare does TLS`,
    );
  }
}

/** Verifies the signatures of requests for these services; undefined with `--auth off`. */
export function verifierOf(
  { keys }: Access,
  { region, accountId }: Config,
  services: readonly Service[],
): SignatureVerifier | undefined {
  if (keys === undefined) return undefined;
  const limits = new Map(services.map((service) => [signingName(service), service.bodyLimitBytes]));
  return new SignatureVerifier({
    keys,
    region,
    accountId,
    now: () => systemClock.now(),
    // Requests to nagare's own paths name no service.
    bodyLimitBytes: (service) => limits.get(service) ?? serverLimits.applyRequestBytesMax,
  });
}
