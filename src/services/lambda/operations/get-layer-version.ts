import type { GetLayerVersionRequest, GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { layerVersionResponse } from '../layers/response.ts';

/**
 * Describes a version of a layer. `Content.Location` is a URL of this server for the zip.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html
 */
export function getLayerVersion(
  context: LambdaReads,
  input: Checked<GetLayerVersionRequest>,
): GetLayerVersionResponse {
  const { layers } = context;
  return layerVersionResponse(context, layers.get(layers.nameOf(input.LayerName), input.VersionNumber));
}
