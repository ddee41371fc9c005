import type {
  ListServiceSpecificCredentialsRequest,
  ListServiceSpecificCredentialsResponse,
} from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { namedOrCallingUser } from '../caller.ts';
import type { IamContext } from '../context.ts';
import { emptyPage } from '../paging.ts';

/** Lists the credentials of a user, or of all users, for a single service: none, because they cannot be made. */
export async function listServiceSpecificCredentials(
  context: IamContext,
  { UserName, ServiceName = '', AllUsers = false, Marker }: Checked<ListServiceSpecificCredentialsRequest>,
  call: CallContext,
): Promise<ListServiceSpecificCredentialsResponse> {
  const of = AllUsers ? 'all' : (await namedOrCallingUser(context, UserName, call)).id;
  const end = await emptyPage(`credentials of ${of} for ${ServiceName}`, { Marker });
  return { ServiceSpecificCredentials: [], ...end };
}
