import { type Tags, tagList } from '../../../aws/tags.ts';
import type { EntityTable } from '../entity-table.ts';
import type { TaggedRow } from '../rows.ts';
import type { IamStore } from '../store.ts';
import { withIamTags } from '../tags.ts';
import type { Change } from './changes.ts';

/** The change that gives an entity exactly these tags. Throws InvalidInput and LimitExceeded, as the API. */
export function tagChanges<Row extends TaggedRow>(
  store: IamStore,
  table: EntityTable<Row>,
  { name, tags: before }: Row,
  declared: readonly { readonly Key: string; readonly Value: string }[] | undefined,
): Change[] {
  if (declared === undefined) return [];
  const after = withIamTags({}, declared);
  if (isSame(before, after)) return [];
  const apply = (): Promise<void> =>
    store.change(async (writes) => {
      const row = await table.get(name);
      table.put(writes, { ...row, tags: after });
    });
  return [{ name: 'tags', before, after, apply }];
}

function isSame(one: Tags, other: Tags): boolean {
  return JSON.stringify(tagList(one)) === JSON.stringify(tagList(other));
}
