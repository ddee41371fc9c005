import { differences, type PlanStep } from '../../../declarations/plan.ts';

/** One difference between a declaration and what is stored. */
export interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  apply(): Promise<unknown>;
}

/**
 * The step of a resource: `create` makes it without what `changesOf` then finds missing. The changes are found again
 * when they are applied, because resources before it may have changed what they are about.
 */
export async function stepOf(
  exists: boolean,
  create: () => Promise<unknown>,
  changesOf: () => Promise<readonly Change[]>,
): Promise<PlanStep> {
  const apply = async (): Promise<void> => {
    for (const change of await changesOf()) await change.apply();
  };
  if (!exists) {
    return {
      action: 'create',
      apply: async () => {
        await create();
        await apply();
      },
    };
  }
  const changes = await changesOf();
  if (changes.length === 0) return { action: 'leave', apply: () => Promise.resolve() };
  const details = differences(
    Object.fromEntries(changes.map(({ name, before, after }) => [name, [before, after] as const])),
  );
  return { action: 'change', details, apply };
}

/** Documents are the same if their JSON is, whatever the spaces between. */
export function isSameDocument(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(document: string): string {
  return JSON.stringify(JSON.parse(document));
}

export function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const members = new Set(one);
  return members.size === new Set(other).size && other.every((member) => members.has(member));
}
