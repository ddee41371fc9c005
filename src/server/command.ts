import type { HttpRequest, HttpResponse } from '../http/message.ts';

/**
 * Requests of nagare's own commands carry this header with the command's name. Pages of other sites can post to a
 * server on loopback, but cannot set a custom header.
 */
export const COMMAND_HEADER = 'x-nagare-command';

/** Where each machine of a cluster tells of itself, and takes commands. */
export const CLUSTER_PATH = '/_nagare/cluster';

export function isCommand({ method, headers }: HttpRequest, name: string): boolean {
  return method === 'POST' && headers[COMMAND_HEADER] === name;
}

export function answerCommand(status: number, content: object): HttpResponse {
  return { status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(content) };
}
