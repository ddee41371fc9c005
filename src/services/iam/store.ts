import type { Table } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DiskTable } from '../../engine/tables.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import { EntityTable } from './entity-table.ts';
import type {
  GroupRow,
  InstanceProfileRow,
  OidcProviderRow,
  PolicyRow,
  PrincipalKind,
  PrincipalRow,
  RoleRow,
  UserRow,
} from './rows.ts';
import { type Counts, noCounts, Writes } from './writes.ts';

/** How a policy is used. */
export type PolicyUsage = 'policy' | 'boundary';

/** Which principal uses a policy. */
export interface PolicyUseRow {
  readonly kind: PrincipalKind;
  readonly id: string;
  readonly usage: PolicyUsage;
}

export interface PolicyCountsRow {
  readonly policy: number;
  readonly boundary: number;
}

/** The name that an ID has at present: users and groups can be renamed. */
export interface NameRow {
  readonly name: string;
}

/** Everything of IAM, durable. It is on disk, so that any number of users and keys takes a bounded amount of memory. */
export class IamStore {
  readonly users: EntityTable<UserRow>;
  readonly groups: EntityTable<GroupRow>;
  readonly roles: EntityTable<RoleRow>;
  readonly policies: EntityTable<PolicyRow>;
  readonly instanceProfiles: EntityTable<InstanceProfileRow>;
  /** By the IDs of users, groups and roles. */
  readonly names: DiskTable<NameRow>;
  /** By the IDs of a group and of a user in it. */
  readonly members: DiskTable<{ readonly userId: string }>;
  /** By a policy's ARN, the usage, and the kind and ID of the principal. */
  readonly policyUses: DiskTable<PolicyUseRow>;
  /** By a policy's ARN. */
  readonly policyCounts: DiskTable<PolicyCountsRow>;
  /** By the keys of a role and of an instance profile that has it. */
  readonly profilesOfRoles: DiskTable<{ readonly profile: string }>;
  /** By their issuers. */
  readonly oidcProviders: DiskTable<OidcProviderRow>;
  readonly #engine: Engine;
  readonly #counts: Table<Counts>;
  readonly #aliases: Table<{ readonly alias: string }>;
  readonly #lock = new KeyedLock();
  #revision = 0;

  constructor(engine: Engine) {
    const { tables, catalog } = engine;
    this.#engine = engine;
    this.users = new EntityTable(tables.open('iam.users'), 'user');
    this.groups = new EntityTable(tables.open('iam.groups'), 'group');
    this.roles = new EntityTable(tables.open('iam.roles'), 'role');
    this.policies = new EntityTable(tables.open('iam.policies'), 'policy');
    this.instanceProfiles = new EntityTable(tables.open('iam.instanceProfiles'), 'instance-profile');
    this.names = tables.open('iam.names');
    this.members = tables.open('iam.groupMembers');
    this.policyUses = tables.open('iam.policyUses');
    this.policyCounts = tables.open('iam.policyCounts');
    this.profilesOfRoles = tables.open('iam.profilesOfRoles');
    this.oidcProviders = tables.open('iam.oidcProviders');
    this.#counts = catalog.table('iam.counts');
    this.#aliases = catalog.table('iam.aliases');
  }

  principals(kind: PrincipalKind): EntityTable<PrincipalRow> {
    if (kind === 'user') return this.users;
    return kind === 'group' ? this.groups : this.roles;
  }

  /** Present name of a user, group or role; undefined if it was deleted. */
  async nameOf(id: string): Promise<string | undefined> {
    return (await this.names.get(id))?.name;
  }

  async userWithId(id: string): Promise<UserRow | undefined> {
    const name = await this.nameOf(id);
    return name === undefined ? undefined : await this.users.find(name);
  }

  /** Another number after each change, also of access keys. */
  get revision(): number {
    return this.#revision;
  }

  /** Ends what was kept of it: another machine has changed IAM. */
  expire(): void {
    this.#revision++;
  }

  get counts(): Counts {
    return this.#counts.get('counts') ?? noCounts;
  }

  get alias(): string | undefined {
    return this.#aliases.get('alias')?.alias;
  }

  setAlias(alias: string | undefined): Promise<void> {
    return this.#engine.catalog.commit((transaction) => {
      if (alias === undefined) transaction.delete(this.#aliases, 'alias');
      else transaction.put(this.#aliases, 'alias', { alias });
    });
  }

  /**
   * Runs one change at a time, so that what `work` reads stays as it is, then stores all its writes together. Changes
   * of identities are rare.
   */
  change<Result>(work: (writes: Writes) => Promise<Result>): Promise<Result> {
    return this.#lock.exclusive('', async () => {
      const writes = new Writes();
      try {
        const result = await work(writes);
        if (writes.isEmpty) return result;
        await this.#engine.catalog.commit((transaction) => {
          writes.store(transaction);
          transaction.put(this.#counts, 'counts', writes.countsAfter(this.counts));
        });
        return result;
      } finally {
        this.#revision++;
      }
    });
  }
}
