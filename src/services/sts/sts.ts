import { join } from 'node:path';
import { SessionTokens } from '../../auth/keys/session-tokens.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { service } from '../../protocol/service.ts';
import { register } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { stsLimits } from './limits.ts';
import { operations } from './operations/index.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** STS: who the caller claims to be, and temporary credentials. */
export const sts = register({
  name: 'sts',
  needs: ['identities'],
  offers: [],
  async open({ engine, clock, accountId, config }, { identities }) {
    const keys = await openKeyStore({
      catalog: engine.catalog,
      folder: join(config.dataDir, 'keys'),
      masterKey: config.masterKey,
      masterKeyFile: config.masterKeyFile,
    });
    const context = { identities, tokens: new SessionTokens(keys), clock, accountId };
    return { service: service('sts', api, operations, context, stsLimits.bodyBytesMax, { unsupported }) };
  },
});
