import { join } from 'node:path';
import { AccessKeyTable } from '../../auth/keys/access-keys.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { service } from '../../protocol/service.ts';
import { register } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { knownIdentities } from './known-identities.ts';
import { iamLimits } from './limits.ts';
import { operations } from './operations/index.ts';
import { IamStore } from './store.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** IAM: users, groups, roles, policies and access keys. They are stored, validated and shown; nothing enforces them. */
export const iam = register({
  name: 'iam',
  needs: [],
  offers: ['identities'],
  async open({ engine, clock, accountId, config }) {
    const keyStore = await openKeyStore({
      catalog: engine.catalog,
      folder: join(config.dataDir, 'keys'),
      masterKey: config.masterKey,
      masterKeyFile: config.masterKeyFile,
    });
    const keys = new AccessKeyTable(engine, keyStore, clock);
    const context = { store: new IamStore(engine), keys, clock, accountId };
    return {
      service: service('iam', api, operations, context, iamLimits.bodyBytesMax, { unsupported }),
      offers: { identities: knownIdentities(context) },
    };
  },
});
