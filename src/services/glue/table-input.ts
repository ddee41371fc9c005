import type { TableInput } from '@aws-sdk/client-glue';
import type { Checked } from '../../protocol/service.ts';
import { invalidInput } from './errors.ts';
import { refuseOptions } from './request.ts';

/**
 * Refuses everything but tables with columns: links to other tables, and views with several dialects. Throws
 * InvalidInputException.
 */
export function checkTableInput(input: Checked<TableInput>): void {
  const { TargetTable, FederatedTable, ViewDefinition, StorageDescriptor, PartitionKeys = [] } = input;
  refuseOptions({ TargetTable, FederatedTable, ViewDefinition });
  refuseOptions({ SchemaReference: StorageDescriptor?.SchemaReference });
  const names = new Set<string>();
  for (const { Name } of [...(StorageDescriptor?.Columns ?? []), ...PartitionKeys]) {
    const name = Name.toLowerCase();
    if (names.has(name)) throw invalidInput(`Column ${Name} is given twice.`);
    names.add(name);
  }
}
