import type { HttpRequest, HttpResponse } from '../../../http/message.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { LATEST } from '../versions/version-row.ts';
import type { LayerVersionRow } from '../layers/layer-row.ts';
import type { Layers } from '../layers/layers.ts';
import type { FunctionRegistry } from '../function-registry.ts';

const PATH =
  /^\/_nagare\/functions\/(?<name>[a-zA-Z0-9-_]{1,64})(?:\/versions\/(?<version>[0-9]+))?\/code\.zip$/;

/** The URL that GetFunction returns as the location of a version's zip. */
export function codeLocation(
  endpoint: string,
  { name, version }: Pick<FunctionDefinition, 'name' | 'version'>,
): string {
  const folder = version === LATEST ? name : `${name}/versions/${version}`;
  return `${endpoint}/_nagare/functions/${folder}/code.zip`;
}

const LAYER_PATH =
  /^\/_nagare\/layers\/(?<layer>[a-zA-Z0-9-_]{1,140})\/versions\/(?<version>[0-9]{1,15})\/content\.zip$/;

/** The URL that GetLayerVersion returns as the location of the zip. */
export function layerLocation(
  endpoint: string,
  { layer, version }: Pick<LayerVersionRow, 'layer' | 'version'>,
): string {
  return `${endpoint}/_nagare/layers/${layer}/versions/${version}/content.zip`;
}

/** Answers a download of a layer's zip as it was uploaded; undefined for other paths. */
export async function downloadLayer(layers: Layers, request: HttpRequest): Promise<HttpResponse | undefined> {
  const { layer, version } = LAYER_PATH.exec(request.path)?.groups ?? {};
  if (layer === undefined || request.method !== 'GET') return undefined;
  const row = layers.find(layer, Number(version));
  if (row === undefined) return { status: 404, headers: {} };
  if (!request.responseMemory.admit(row.code.sizeBytes)) return { status: 503, headers: {} };
  const body = await layers.zip(row);
  return { status: 200, headers: { 'Content-Type': 'application/zip' }, body };
}

/** Answers a download of a function's zip as it was uploaded; undefined for other paths. */
export async function downloadCode(
  functions: FunctionRegistry,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  const { name, version = LATEST } = PATH.exec(request.path)?.groups ?? {};
  if (name === undefined || request.method !== 'GET') return undefined;
  const source = functions.find(name, version)?.definition.source;
  if (source?.kind !== 'zip') return { status: 404, headers: {} };
  // Reserve memory before the zip is read: it may have 50 MB.
  if (!request.responseMemory.admit(source.sizeBytes)) return { status: 503, headers: {} };
  const body = await functions.code.zip(name, source.sha256);
  return { status: 200, headers: { 'Content-Type': 'application/zip' }, body };
}
