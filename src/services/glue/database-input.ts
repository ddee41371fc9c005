import type { DatabaseInput } from '@aws-sdk/client-glue';
import type { Checked } from '../../protocol/service.ts';
import { refuseOptions } from './request.ts';

/** Refuses links to other databases by name. */
export function checkDatabaseInput({ TargetDatabase, FederatedDatabase }: Checked<DatabaseInput>): void {
  refuseOptions({ TargetDatabase, FederatedDatabase });
}
