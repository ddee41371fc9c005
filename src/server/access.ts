import { isLoopbackHost } from '../support/loopback.ts';
import type { Acting } from '../auth/authorization/acting.ts';
import { Authorizer } from '../auth/authorization/authorizer.ts';
import { ServerKeys, type RootKey } from '../auth/keys/server-keys.ts';
import { SignatureVerifier } from '../auth/signature/verify.ts';
import type { ResourcePolicies } from '../aws/resource-policies.ts';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import type { GuardOptions } from '../protocol/operation-guard.ts';
import { type Service, signingName } from '../protocol/service.ts';
import { systemClock } from '../support/clock.ts';
import { serverLimits } from './limits.ts';
import type { AnyRunningService } from './open-services.ts';
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
  if (insecurePlaintext && tls?.clientCa !== undefined) {
    throw new AccessError(
      '--insecure-plaintext lets other machines in without a certificate, which --tls-client-ca requires: remove one of them',
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

/** Who may do what, by the keys and policies that the services keep. With `--auth off` nothing is checked. */
export function protectionOf(
  { keys }: Access,
  { region, accountId }: Config,
  running: readonly AnyRunningService[],
  { resourcePolicies, acting }: { readonly resourcePolicies: ResourcePolicies; readonly acting: Acting },
): { readonly verifier?: SignatureVerifier; readonly guard?: GuardOptions } {
  if (keys === undefined) return {};
  const policies = running.find(
    ({ principalPolicies }) => principalPolicies !== undefined,
  )?.principalPolicies;
  keys.join(
    running.flatMap(({ accessKeys }) => (accessKeys === undefined ? [] : [accessKeys])),
    policies,
  );
  const services = running.flatMap(({ service }) => service ?? []);
  const limits = new Map(services.map((service) => [signingName(service), service.bodyLimitBytes]));
  const common = { region, accountId, now: () => systemClock.now() };
  const verifier = new SignatureVerifier({
    ...common,
    keys,
    // Requests to nagare's own paths name no service.
    bodyLimitBytes: (service) => limits.get(service) ?? serverLimits.applyRequestBytesMax,
  });
  // Without users nobody but the account has a key.
  if (policies === undefined) return { verifier };
  const authorizer = new Authorizer({ policies, resourcePolicies });
  const guard = { ...common, authorizer, tagsOf: tagsOfResources(services) };
  acting.join({ ...guard, policies, resourcePolicies });
  return { verifier, guard };
}

/** By the prefix of the action: `iam:PassRole` is about a role, whichever service is called. */
function tagsOfResources(services: readonly Service[]): NonNullable<GuardOptions['tagsOf']> {
  const sources = new Map(
    services.flatMap(({ authorization: one }) =>
      one?.tagsOf === undefined ? [] : [[one.prefix, one.tagsOf]],
    ),
  );
  return ({ action, resource }) => sources.get(action.slice(0, action.indexOf(':')))?.(resource);
}
