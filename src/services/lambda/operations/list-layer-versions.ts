import type { ListLayerVersionsRequest, ListLayerVersionsResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { layerVersionItem, matches, newestFirst } from '../layers/response.ts';
import { pageOf } from '../pages.ts';

/**
 * Lists the versions of a layer, newest first, at most 50 at a time.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html
 */
export function listLayerVersions(
  { layers }: LambdaReads,
  input: Checked<ListLayerVersionsRequest>,
): ListLayerVersionsResponse {
  const found = layers.versionsOf(layers.nameOf(input.LayerName)).filter((row) => matches(row, input));
  const { items, next } = pageOf('ListLayerVersions', found, newestFirst, input);
  return { LayerVersions: items.map((row) => layerVersionItem(layers, row)), ...next };
}
