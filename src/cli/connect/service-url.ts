import { CommandError } from '../terminal.ts';
import type { FoundServer } from './find-server.ts';

/** Where a service is called: on a server of nagare at one address, on AWS each at its own. */
export function serviceUrl(
  { endpoint, region }: Pick<FoundServer, 'endpoint' | 'region'>,
  service: string,
  path: string,
): URL {
  if (endpoint !== undefined) return new URL(path, endpoint);
  if (service === 'nagare' || service === 'listlog') {
    throw new CommandError('this command needs a server of nagare', {
      why: 'AWS has nothing of the kind',
      remedy: 'nagare start',
    });
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = service === 'iam' ? `iam.${domain}` : `${service}.${region}.${domain}`;
  return new URL(path, `https://${host}`);
}
