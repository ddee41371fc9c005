import { join } from 'node:path';
import { AccessKeyTable } from '../../auth/keys/access-keys.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { register, type ServiceContext } from '../registration.ts';
import { iamAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import { identityDeclarer } from './declared/declarer.ts';
import { groupsSection, policiesSection, rolesSection, usersSection } from './declared/section.ts';
import type { IamContext } from './context.ts';
import { knownIdentities } from './known-identities.ts';
import { iamLimits } from './limits.ts';
import { operations } from './operations/index.ts';
import { reads } from './operations/reads.ts';
import { IamStore } from './store.ts';
import { principalPolicies } from './stored-policies.ts';
import { UserKeys } from './user-keys.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** What decisions are made of. */
const keptTables = [
  'auth.accessKeys',
  'iam.groupMembers',
  'iam.groups',
  'iam.names',
  'iam.oidcProviders',
  'iam.policies',
  'iam.roles',
  'iam.users',
];

/** IAM: users, groups, roles, policies and access keys. With `--auth required` they decide what callers may do. */
export const iam = register({
  name: 'iam',
  needs: [],
  offers: ['identities'],
  declares: [policiesSection, groupsSection, rolesSection, usersSection],
  reseal: ({ engine, clock }, keys) => new AccessKeyTable(engine, keys, clock).reseal(),
  atStandby: {
    needs: [],
    offers: ['identities'],
    async open({ watch, ...given }) {
      const context = await contextOf(given);
      const end = watch(keptTables, () => context.store.expire());
      return {
        service: serviceOf(context, reads),
        offers: { identities: knownIdentities(context) },
        accessKeys: new UserKeys(context),
        principalPolicies: principalPolicies(context),
        close: async () => end(),
      };
    },
  },
  async open(given) {
    const context = await contextOf(given);
    return {
      service: serviceOf(context, operations),
      declarer: identityDeclarer(context, process.env),
      offers: { identities: knownIdentities(context) },
      accessKeys: new UserKeys(context),
      principalPolicies: principalPolicies(context),
      close: () => context.keys.lastUses.save(),
    };
  },
});

function serviceOf(context: IamContext, of: OperationTable<IamContext, string>): Service {
  return service('iam', api, of, context, iamLimits.bodyBytesMax, {
    unsupported,
    audit,
    authorization: iamAuthorization(context),
  });
}

async function contextOf({ engine, clock, accountId, config, ownKeys }: ServiceContext): Promise<IamContext> {
  const keyStore = await openKeyStore({
    catalog: engine.catalog,
    folder: join(config.dataDir, 'keys'),
    masterKey: config.masterKey,
    masterKeyFile: config.masterKeyFile,
  });
  const keys = new AccessKeyTable(engine, keyStore, clock);
  const isRootKey = (id: string): boolean => ownKeys?.isRootKey(id) === true;
  return { store: new IamStore(engine), keys, clock, accountId, isRootKey };
}
