import type { GetLayerVersionByArnRequest, GetLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { layerVersionResponse } from '../layers/response.ts';

/**
 * Describes the version of a layer that an ARN names.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html
 */
export function getLayerVersionByArn(
  context: LambdaReads,
  input: Checked<GetLayerVersionByArnRequest>,
): GetLayerVersionResponse {
  return layerVersionResponse(context, context.layers.byArn(input.Arn));
}
