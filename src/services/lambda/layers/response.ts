import type {
  Architecture,
  GetLayerVersionResponse,
  LayerVersionsListItem,
  Runtime,
} from '@aws-sdk/client-lambda';
import { layerLocation } from '../code/download.ts';
import type { LambdaReads } from '../context.ts';
import type { LayerVersionRow } from './layer-row.ts';
import type { LayerList } from './layer-list.ts';

/** A version of a layer as Lambda describes it. */
export function layerVersionResponse(
  { layers, endpoint, ownUrls }: Pick<LambdaReads, 'layers' | 'endpoint' | 'ownUrls'>,
  row: LayerVersionRow,
): GetLayerVersionResponse {
  const url = layerLocation(endpoint(), row);
  return {
    Content: {
      Location: ownUrls?.presigned(url) ?? url,
      CodeSha256: row.code.sha256,
      CodeSize: row.code.sizeBytes,
    },
    LayerArn: layers.arn(row.layer),
    ...layerVersionItem(layers, row),
  };
}

export function layerVersionItem(layers: LayerList, row: LayerVersionRow): LayerVersionsListItem {
  const { runtimes, architectures, license } = row;
  return {
    LayerVersionArn: layers.versionArn(row),
    Version: row.version,
    Description: row.description,
    CreatedDate: new Date(row.createdMs).toISOString().replace('Z', '+0000'),
    // PublishLayerVersion has checked both by the API's model.
    ...(runtimes === undefined ? {} : { CompatibleRuntimes: [...runtimes] as Runtime[] }),
    ...(architectures === undefined ? {} : { CompatibleArchitectures: [...architectures] as Architecture[] }),
    ...(license === undefined ? {} : { LicenseInfo: license }),
  };
}

/** Whether a version names the wanted runtime and architecture as compatible. */
export function matches(
  { runtimes = [], architectures = [] }: LayerVersionRow,
  {
    CompatibleRuntime: runtime,
    CompatibleArchitecture: architecture,
  }: { readonly CompatibleRuntime?: string; readonly CompatibleArchitecture?: string },
): boolean {
  return (
    (runtime === undefined || runtimes.includes(runtime)) &&
    (architecture === undefined || architectures.includes(architecture))
  );
}

/** A key that orders versions from the newest to the oldest. */
export function newestFirst({ version }: LayerVersionRow): string {
  return String(Number.MAX_SAFE_INTEGER - version).padStart(16, '0');
}
