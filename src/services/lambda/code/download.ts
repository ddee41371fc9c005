import type { HttpRequest, HttpResponse } from '../../../http/message.ts';
import type { FunctionRegistry } from '../function-registry.ts';

const PATH = /^\/_nagare\/functions\/([a-zA-Z0-9-_]{1,64})\/code\.zip$/;

/** The URL that GetFunction returns as the location of a function's zip. */
export function codeLocation(endpoint: string, functionName: string): string {
  return `${endpoint}/_nagare/functions/${functionName}/code.zip`;
}

/** Answers a download of a function's zip as it was uploaded; undefined for other paths. */
export async function downloadCode(
  functions: FunctionRegistry,
  request: HttpRequest,
): Promise<HttpResponse | undefined> {
  const name = PATH.exec(request.path)?.[1];
  if (name === undefined || request.method !== 'GET') return undefined;
  const source = functions.get(name)?.definition.source;
  if (source?.kind !== 'zip') return { status: 404, headers: {} };
  // Reserve memory before the zip is read: it may have 50 MB.
  if (!request.responseMemory.admit(source.sizeBytes)) return { status: 503, headers: {} };
  const body = await functions.code.zip(name, source.sha256);
  return { status: 200, headers: { 'Content-Type': 'application/zip' }, body };
}
