import type { RunningServer } from './api.ts';
import { callQuery, type XmlOutput } from './query-api.ts';

/** IAM is global: its requests are signed for this region. */
const REGION = 'us-east-1';

/** Calls an operation of IAM with strings as parameters. Throws CommandError, and AnsweredError with AWS's code. */
export function callIam(
  server: RunningServer,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<XmlOutput> {
  const service = { service: 'iam', version: '2010-05-08' };
  return callQuery({ ...server, region: REGION }, service, action, parameters);
}

/** The items of all pages of a list. */
export async function* iamList(
  server: RunningServer,
  action: string,
  { list, ...parameters }: Readonly<Record<string, string>> & { readonly list: string },
): AsyncGenerator<XmlOutput> {
  let marker: Readonly<Record<string, string>> = {};
  for (;;) {
    const page = await callIam(server, action, { ...parameters, ...marker, MaxItems: '1000' });
    yield* page.list(list);
    if (page.text('IsTruncated') !== 'true') return;
    marker = { Marker: page.text('Marker') };
  }
}
