import type { Tags } from '../../../aws/tags.ts';
import type { Catalog, Table } from '../../../engine/catalog.ts';
import { mappingNotFound } from './errors.ts';
import type { MappingRow } from './mapping-row.ts';

/** The event source mappings as their rows are: what is known of them without their pollers. */
export class MappingList {
  protected readonly table: Table<MappingRow>;

  constructor(catalog: Pick<Catalog, 'table'>) {
    this.table = catalog.table('lambda.mappings');
  }

  /** All but those that are being deleted. */
  *rows(): Generator<MappingRow> {
    for (const [, row] of this.table.entries()) if (!row.deleting) yield row;
  }

  /** The ARN of a mapping's function; undefined for an unknown mapping. */
  functionOf(uuid: string): string | undefined {
    return this.table.get(uuid)?.functionArn;
  }

  tagsOf(uuid: string): Tags | undefined {
    return this.table.get(uuid)?.tags;
  }

  /** Throws ResourceNotFoundException. */
  tags(uuid: string): Tags {
    const row = this.table.get(uuid);
    if (row === undefined) throw mappingNotFound();
    return row.tags ?? {};
  }
}
