import type { ListSigningCertificatesRequest, ListSigningCertificatesResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { namedOrCallingUser } from '../caller.ts';
import type { IamContext } from '../context.ts';
import { emptyPage } from '../paging.ts';

/** Lists the signing certificates of a user: none, because they cannot be uploaded. */
export async function listSigningCertificates(
  context: IamContext,
  { UserName, Marker }: Checked<ListSigningCertificatesRequest>,
  call: CallContext,
): Promise<ListSigningCertificatesResponse> {
  const { id } = await namedOrCallingUser(context, UserName, call);
  return { Certificates: [], ...(await emptyPage(`signing certificates of ${id}`, { Marker })) };
}
