import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import type { TableCatalog } from './table-catalog.ts';
import { taggedDatabase, withGlueTags } from './tags.ts';

/** The tags of databases. */
export function databaseTags(catalog: TableCatalog, where: RegionAndAccount): TagSource {
  return {
    *resources(): Generator<TaggedResource> {
      for (const { name, tags } of catalog.databases()) {
        yield { arn: formatArn('glue', where, `database/${name}`), tags };
      }
    },
    change: (arn, { added, removed }) =>
      catalog.updateDatabase(taggedDatabase(arn), (row) => ({
        ...row,
        tags: withGlueTags(withoutTags(row.tags, removed), added),
      })),
  };
}
