import type { PutDashboardInput, PutDashboardOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { checkDashboardBody } from '../dashboards/validate-body.ts';
import { invalidParameterInput } from '../errors.ts';
import { withResourceTags } from '../tagged-resources.ts';

/** Creates or replaces a dashboard. Its body is kept as it is; nagare has no page that draws it. */
export async function putDashboard(
  { dashboards }: CloudWatchContext,
  input: Checked<PutDashboardInput>,
  _call: CallContext,
): Promise<PutDashboardOutput> {
  const { DashboardName: name, DashboardBody: body } = input;
  if (!/^[\w-]{1,255}$/.test(name)) {
    throw invalidParameterInput(
      `The value ${name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).`,
    );
  }
  checkDashboardBody(body);
  await dashboards.put(name, body, withResourceTags({}, input.Tags ?? []));
  return { DashboardValidationMessages: [] };
}
