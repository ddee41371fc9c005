import type { ListLayersRequest, ListLayersResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { layerVersionItem, matches } from '../layers/response.ts';
import { pageOf } from '../pages.ts';

/**
 * Lists layers by name with their newest version, at most 50 at a time; with a runtime or an architecture the newest
 * version that is compatible with it.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html
 */
export function listLayers({ layers }: LambdaReads, input: Checked<ListLayersRequest>): ListLayersResponse {
  const found = layers.names().flatMap((name) => {
    const newest = layers.versionsOf(name).find((row) => matches(row, input));
    return newest === undefined ? [] : [newest];
  });
  const { items, next } = pageOf('ListLayers', found, ({ layer }) => layer, input);
  return {
    Layers: items.map((row) => ({
      LayerName: row.layer,
      LayerArn: layers.arn(row.layer),
      LatestMatchingVersion: layerVersionItem(layers, row),
    })),
    ...next,
  };
}
