import { oauthBearer } from './oauth-bearer.ts';
import { plain } from './plain.ts';
import { scram } from './scram.ts';
import type { KafkaSasl } from '../security.ts';

/**
 * The client's side of a SASL mechanism: yields messages, and is given the server's answers to them. It throws if the
 * server does not prove what the mechanism demands.
 */
export type SaslExchange = AsyncGenerator<Uint8Array, void, Buffer>;

export function saslExchange({ mechanism, user, secret }: KafkaSasl): SaslExchange {
  switch (mechanism) {
    case 'PLAIN':
      return plain(user, secret);
    case 'SCRAM-SHA-256':
      return scram('sha256', user, secret);
    case 'SCRAM-SHA-512':
      return scram('sha512', user, secret);
    case 'OAUTHBEARER':
      return oauthBearer(secret);
  }
}
