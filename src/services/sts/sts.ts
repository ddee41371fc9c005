import { join } from 'node:path';
import { SessionTokens } from '../../auth/keys/session-tokens.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { HttpClient } from '../../support/http-json.ts';
import { register, type ServiceContext } from '../registration.ts';
import { stsAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { StsReads } from './context.ts';
import { stsLimits } from './limits.ts';
import { operations, reads } from './operations/index.ts';
import { SessionKeys } from './session-keys.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import { IssuerKeys } from './web-identity/issuer-keys.ts';

/** The token in the request says who calls. */
const unsigned = ['AssumeRoleWithWebIdentity'];

/** STS: who the caller claims to be, and temporary credentials. */
export const sts = register({
  name: 'sts',
  needs: ['identities'],
  offers: [],
  atStandby: {
    needs: ['identities'],
    offers: [],
    async open(given, { identities }) {
      const tokens = await sessionTokens(given);
      const context = { identities, tokens, accountId: given.accountId };
      return { service: serviceOf(context, reads), accessKeys: new SessionKeys(context) };
    },
  },
  async open(given, { identities }) {
    const { clock, accountId, egress } = given;
    const tokens = await sessionTokens(given);
    const http = new HttpClient(egress, {
      timeoutMs: stsLimits.issuerTimeoutMs,
      socketsMax: stsLimits.issuerSocketsMax,
      responseBytesMax: stsLimits.issuerResponseBytesMax,
      keepAlive: false,
    });
    const issuerKeys = new IssuerKeys(http, clock);
    const context = { identities, tokens, issuerKeys, clock, accountId };
    return {
      service: serviceOf(context, operations),
      accessKeys: new SessionKeys(context),
      close: async () => http.close(),
    };
  },
});

function serviceOf<Context extends StsReads>(context: Context, of: OperationTable<Context, string>): Service {
  return service('sts', api, of, context, stsLimits.bodyBytesMax, {
    unsupported,
    unsigned,
    audit,
    authorization: stsAuthorization(context.identities),
  });
}

async function sessionTokens({ engine, config }: ServiceContext): Promise<SessionTokens> {
  const keys = await openKeyStore({
    catalog: engine.catalog,
    folder: join(config.dataDir, 'keys'),
    masterKey: config.masterKey,
    masterKeyFile: config.masterKeyFile,
  });
  return new SessionTokens(keys);
}
