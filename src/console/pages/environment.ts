import { session } from './api.ts';

/** Where this server is, as clients are told. */
export const endpoint = location.href.replace(/\/_nagare\/.*$/, '');

/** What AWS's clients need in their environment, as `nagare start` prints it: the AWS CLI 1 has its own name for the region. */
export function environmentLines(): string[] {
  const { region = '', auth } = session.value ?? {};
  const keys = auth === 'off' ? 'AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any ' : '';
  return [
    `export AWS_ENDPOINT_URL=${endpoint}`,
    `export ${keys}AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
  ];
}
