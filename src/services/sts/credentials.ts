import type { Credentials } from '@aws-sdk/client-sts';
import type { TemporaryCredentials } from '../../auth/keys/session-tokens.ts';

export function credentialsOutput(credentials: TemporaryCredentials): Credentials {
  return {
    AccessKeyId: credentials.accessKeyId,
    SecretAccessKey: credentials.secretAccessKey,
    SessionToken: credentials.sessionToken,
    Expiration: new Date(credentials.expiresMs),
  };
}
