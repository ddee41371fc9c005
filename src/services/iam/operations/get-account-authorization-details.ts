import type {
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import { accountDetails, type Detail, detailKinds, detailsAfter } from '../account-details.ts';
import type { IamContext } from '../context.ts';
import { pageOf } from '../paging.ts';

/** Returns all users, groups, roles and managed policies with their policies; of AWS's policies, those that are used. */
export async function getAccountAuthorizationDetails(
  context: IamContext,
  input: Checked<GetAccountAuthorizationDetailsRequest>,
): Promise<GetAccountAuthorizationDetailsResponse> {
  const { Filter = [], Marker, MaxItems } = input;
  const kinds = detailKinds.filter((kind) => Filter.length === 0 || Filter.includes(kind));
  const page = await pageOf(
    'account details',
    { Marker, MaxItems },
    (after) => detailsAfter(context, kinds, after),
    ({ key }: Detail) => key,
  );
  return { ...(await accountDetails(context, page.items)), ...page.end };
}
