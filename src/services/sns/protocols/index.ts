import { invalidParameter, notSupported } from '../errors.ts';
import type { Protocol } from '../topic.ts';
import { httpProtocol } from './http.ts';
import { lambdaProtocol } from './lambda.ts';
import type { SnsProtocol } from './protocol.ts';
import { sqsProtocol } from './sqs.ts';

export const protocols: Readonly<Record<Protocol, SnsProtocol>> = {
  http: httpProtocol('http'),
  https: httpProtocol('https'),
  lambda: lambdaProtocol,
  sqs: sqsProtocol,
};

const REFUSED = ['email', 'email-json', 'sms', 'application', 'firehose'];

/** Throws InvalidParameter. */
export function parseProtocol(given: string): Protocol {
  if (Object.hasOwn(protocols, given)) {
    // A key of the record.
    return given as Protocol;
  }
  if (REFUSED.includes(given)) throw notSupported('Protocol', `the protocol ${given}`);
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${given}`);
}

/** Throws InvalidParameter. */
export function parseEndpoint(protocol: Protocol, endpoint: string | undefined): string {
  if (endpoint === undefined || endpoint === '') throw invalidParameter('Endpoint');
  return protocols[protocol].parseEndpoint(endpoint);
}
