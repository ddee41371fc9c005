import type { DeleteLayerVersionRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Deletes a version of a layer; succeeds when it does not exist. Functions that have it keep it.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html
 */
export async function deleteLayerVersion(
  { layers }: LambdaContext,
  input: Checked<DeleteLayerVersionRequest>,
): Promise<void> {
  await layers.delete(layers.nameOf(input.LayerName), input.VersionNumber);
}
