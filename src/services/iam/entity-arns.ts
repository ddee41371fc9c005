import type { Tags } from '../../aws/tags.ts';
import type { IamContext } from './context.ts';
import { findPolicy } from './managed-policies.ts';
import { arnOf } from './outputs.ts';
import type { BoundedRow, EntityRow, TaggedRow } from './rows.ts';
import type { EntityKind } from './writes.ts';

/** The ARNs of entities by name, for decisions about requests: those of unknown names have no path. */
export class EntityArns {
  readonly #context: IamContext;

  constructor(context: IamContext) {
    this.#context = context;
  }

  async of(kind: EntityKind, name: string): Promise<string> {
    return arnOf(this.#context, kind, (await this.#find(kind, name)) ?? { path: '/', name });
  }

  withPath(kind: EntityKind, name: string, path = '/'): string {
    return arnOf(this.#context, kind, { path, name });
  }

  async pathOf(kind: EntityKind, name: string): Promise<string | undefined> {
    return (await this.#find(kind, name))?.path;
  }

  /** Undefined for kinds that have none. */
  async boundaryOf(kind: EntityKind, name: string): Promise<string | undefined> {
    if (kind !== 'user' && kind !== 'role') return undefined;
    const { store } = this.#context;
    const row: BoundedRow | undefined = await (kind === 'user' ? store.users : store.roles).find(name);
    return row?.boundary;
  }

  /** The user that has an access key; `*` for an unknown key. */
  async ofOwner(accessKeyId: string): Promise<string> {
    const { keys, store } = this.#context;
    const key = await keys.find(accessKeyId);
    const user = key && (await store.userWithId(key.ownerId));
    return user === undefined ? '*' : arnOf(this.#context, 'user', user);
  }

  async tagsOf(arn: string): Promise<Tags | undefined> {
    const [, kind, name = ''] = /^arn:aws:iam::\d{12}:([a-z-]+)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    const { store } = this.#context;
    if (kind === 'policy') return (await findPolicy(this.#context, arn))?.tags;
    let row: TaggedRow | undefined;
    if (kind === 'user') row = await store.users.find(name);
    if (kind === 'role') row = await store.roles.find(name);
    if (kind === 'instance-profile') row = await store.instanceProfiles.find(name);
    return row?.tags;
  }

  #find(kind: EntityKind, name: string): Promise<EntityRow | undefined> {
    const { store } = this.#context;
    const tables = {
      user: store.users,
      group: store.groups,
      role: store.roles,
      policy: store.policies,
      'instance-profile': store.instanceProfiles,
    };
    return tables[kind].find(name);
  }
}
