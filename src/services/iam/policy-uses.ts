import type { IamContext } from './context.ts';
import type { PrincipalKind, PrincipalRow } from './rows.ts';
import type { PolicyUsage } from './store.ts';
import type { Writes } from './writes.ts';

/** How a principal uses a managed policy. */
export interface PolicyUse {
  readonly arn: string;
  readonly usage: PolicyUsage;
  readonly kind: PrincipalKind;
  readonly principal: Pick<PrincipalRow, 'id'>;
}

/** One change may add and remove at most one use of each policy, because counts are read before it is stored. */
export async function addPolicyUse(context: IamContext, writes: Writes, use: PolicyUse): Promise<void> {
  const { kind, usage, principal } = use;
  writes.put(context.store.policyUses, useKey(use), { kind, usage, id: principal.id });
  await count(context, writes, use, 1);
}

export async function removePolicyUse(context: IamContext, writes: Writes, use: PolicyUse): Promise<void> {
  writes.delete(context.store.policyUses, useKey(use));
  await count(context, writes, use, -1);
}

async function count(
  { store }: IamContext,
  writes: Writes,
  { arn, usage }: PolicyUse,
  added: 1 | -1,
): Promise<void> {
  const counts = (await store.policyCounts.get(arn)) ?? { policy: 0, boundary: 0 };
  const after = { ...counts, [usage]: counts[usage] + added };
  if (after.policy === 0 && after.boundary === 0) writes.delete(store.policyCounts, arn);
  else writes.put(store.policyCounts, arn, after);
}

function useKey({ arn, usage, kind, principal }: PolicyUse): string {
  return `${arn}\n${usage}\n${kind}\n${principal.id}`;
}

export interface PrincipalUse {
  /** In the order of the list. */
  readonly key: string;
  readonly kind: PrincipalKind;
  readonly row: PrincipalRow;
}

export interface PrincipalFilter {
  readonly kind: PrincipalKind | undefined;
  readonly usage: PolicyUsage | undefined;
  readonly pathPrefix: string;
  /** Only those after this key. */
  readonly after: string | undefined;
}

/** The principals that use a policy. */
export async function* principalsWith(
  { store }: IamContext,
  arn: string,
  { kind, usage, pathPrefix, after }: PrincipalFilter,
): AsyncGenerator<PrincipalUse> {
  const prefix = `${arn}\n`;
  const range = after === undefined ? {} : { after: prefix + after };
  for await (const [key, use] of store.policyUses.entries({ prefix, ...range })) {
    if ((kind ?? use.kind) !== use.kind || (usage ?? use.usage) !== use.usage) continue;
    const name = await store.nameOf(use.id);
    const row = name === undefined ? undefined : await store.principals(use.kind).find(name);
    if (row?.path.startsWith(pathPrefix) !== true) continue;
    yield { key: key.slice(prefix.length), kind: use.kind, row };
  }
}
