import type { DatabaseInput } from '@aws-sdk/client-glue';
import type { Checked } from '../../protocol/service.ts';
import { refuseOptions } from './request.ts';

/** Links to databases elsewhere are refused by name. */
export function checkDatabaseInput({ TargetDatabase, FederatedDatabase }: Checked<DatabaseInput>): void {
  refuseOptions({ TargetDatabase, FederatedDatabase });
}
