import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createHash, X509Certificate } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { selfSigned } from '../../../src/http/self-signed.ts';

/** An OpenID Connect issuer of the test's own, such as a Kubernetes cluster is one. */
export interface Issuer {
  /** Without `https://`. */
  readonly issuer: string;
  readonly port: number;
  readonly thumbprint: string;
  /** How often its keys were read. */
  readonly reads: number;
  /** From now on it signs with another key. */
  rotate(): Promise<void>;
  /** A token; members of `claims` replace those that every token has. */
  token(claims?: JWTPayload, alg?: 'RS256' | 'ES256'): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startIssuer(audience = 'sts.amazonaws.com'): Promise<Issuer> {
  const tls = selfSigned(['127.0.0.1'], Date.now());
  let reads = 0;
  let generation = 0;
  let keys = await newKeys(generation);
  const server = createServer(tls, (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/cluster/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: `https://${issuer}`, jwks_uri: `https://${issuer}/keys` }));
    } else {
      reads++;
      response.end(JSON.stringify({ keys: Object.values(keys).map(({ jwk }) => jwk) }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port.
  const { port } = server.address() as AddressInfo;
  const issuer = `127.0.0.1:${port}/cluster`;
  return {
    issuer,
    port,
    thumbprint: createHash('sha1').update(new X509Certificate(tls.cert).raw).digest('hex'),
    get reads() {
      return reads;
    },
    async rotate() {
      keys = await newKeys(++generation);
    },
    async token(claims = {}, alg = 'RS256') {
      const { privateKey, jwk } = keys[alg];
      const seconds = Math.floor(Date.now() / 1000);
      const all = {
        iss: `https://${issuer}`,
        sub: 'system:serviceaccount:streams:reader',
        aud: audience,
        iat: seconds,
        exp: seconds + 600,
        ...claims,
      };
      return await new SignJWT(all).setProtectedHeader({ alg, kid: jwk.kid }).sign(privateKey);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface SigningKey {
  readonly privateKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  readonly jwk: JWK & { readonly kid: string };
}

async function newKeys(generation: number): Promise<Record<'RS256' | 'ES256', SigningKey>> {
  const make = async (alg: string): Promise<SigningKey> => {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), alg, kid: `${alg} ${generation}` } };
  };
  return { RS256: await make('RS256'), ES256: await make('ES256') };
}
