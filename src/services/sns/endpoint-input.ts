import { invalidParameter, notSupported } from './errors.ts';
import { protocols } from './topic.ts';
import type { Protocol } from './topic.ts';

const REFUSED_PROTOCOLS = ['email', 'email-json', 'sms', 'sqs', 'application', 'firehose'];

export function parseProtocol(given: string): Protocol {
  const protocol = protocols.find((word) => word === given);
  if (protocol !== undefined) return protocol;
  if (REFUSED_PROTOCOLS.includes(given)) throw notSupported('Protocol', `the protocol ${given}`);
  throw invalidParameter('Protocol');
}

/** A URL of the protocol, or a function's ARN. */
export function parseEndpoint(protocol: Protocol, endpoint: string | undefined): string {
  if (endpoint === undefined || endpoint === '') throw invalidParameter('Endpoint');
  if (protocol === 'lambda') {
    if (/^arn:aws[a-z-]*:lambda:[^:]+:\d{12}:function:.+$/.test(endpoint)) return endpoint;
    throw invalidParameter('Lambda endpoint ARN');
  }
  if (!endpoint.startsWith(`${protocol}://`)) {
    throw invalidParameter('Endpoint must match the specified protocol');
  }
  if (!URL.canParse(endpoint)) throw invalidParameter('Endpoint');
  return endpoint;
}
