import type { CallContext } from '../../protocol/service.ts';
import { invalidAddress, missingParameter, queueDoesNotExist } from './errors.ts';
import { sqsLimits } from './limits.ts';

/** The path of a queue's URL. */
export const QUEUE_PATH = /^\/(\d{12})\/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/?$/;

/** The paths of URLs that were used lately: clients use few, and parsing one costs as much as a message. */
const paths = new Map<string, string>();

/** Throws InvalidAddress. */
function pathOf(queueUrl: string): string {
  const known = paths.get(queueUrl);
  if (known !== undefined) return known;
  if (!URL.canParse(queueUrl)) throw invalidAddress(queueUrl);
  const path = new URL(queueUrl).pathname;
  if (queueUrl.length <= sqsLimits.rememberedUrlCharactersMax) {
    if (paths.size >= sqsLimits.rememberedUrlsMax) paths.clear();
    paths.set(queueUrl, path);
  }
  return path;
}

/** The URL of a queue under the address by which the client reached this server. */
export function urlOf(name: string, { http, accountId }: CallContext): string {
  return `${http.secure ? 'https' : 'http'}://${http.authority}/${accountId}/${name}`;
}

/**
 * The name of the queue that a call is for: by QueueUrl, whatever its host, or by the path to which it was sent. Throws
 * InvalidAddress, QueueDoesNotExist.
 */
export function nameOf(
  queueUrl: string | undefined,
  { http, accountId }: Pick<CallContext, 'http' | 'accountId'>,
): string {
  let path = http.path;
  if (queueUrl !== undefined && queueUrl !== '') path = pathOf(queueUrl);
  else if (path === '/') throw missingParameter('QueueUrl');
  const [, account, name] = QUEUE_PATH.exec(path) ?? [];
  if (name === undefined) throw invalidAddress(queueUrl ?? path);
  if (account !== accountId) throw queueDoesNotExist();
  return name;
}
