import type { PublishLayerVersionRequest, PublishLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { layerVersionResponse } from '../layers/response.ts';

/**
 * Publishes a version of a layer: a zip, from the request or from an object of the server's own buckets, whose files
 * functions find in /opt. Layers with a folder `extensions` are refused.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html
 */
export async function publishLayerVersion(
  context: LambdaContext,
  input: Checked<PublishLayerVersionRequest>,
): Promise<PublishLayerVersionResponse> {
  const { layers, uploads, changes } = context;
  const layer = layers.nameOf(input.LayerName);
  const row = await uploads.use(input.Content, async (zip) => {
    changes.refuseExcess(zip);
    return await layers.publish(
      {
        layer,
        description: input.Description ?? '',
        ...(input.CompatibleRuntimes === undefined ? {} : { runtimes: input.CompatibleRuntimes }),
        ...(input.CompatibleArchitectures === undefined
          ? {}
          : { architectures: input.CompatibleArchitectures }),
        ...(input.LicenseInfo === undefined ? {} : { license: input.LicenseInfo }),
      },
      zip,
    );
  });
  return layerVersionResponse(context, row);
}
