import { formatArn, parseArn as parse } from '../../aws/arn.ts';

/**
 * `arn:aws:kinesis:<region>:<account>:stream/<name>`; a consumer's ARN continues with `/consumer/<name>:<creation in
 * seconds>`.
 */
export interface KinesisArn {
  readonly region: string;
  readonly accountId: string;
  readonly streamName: string;
  /** The part up to the stream's name. */
  readonly streamArn: string;
  readonly consumer: { readonly name: string; readonly createdSeconds: number } | undefined;
}

const form = /^(stream\/(?<streamName>[\w.-]+))(?:\/consumer\/(?<consumerName>[\w.-]+):(?<created>\d+))?$/;

export function parseArn(arn: string): KinesisArn | undefined {
  const { service, region, accountId, resource } = parse(arn) ?? {};
  if (service !== 'kinesis' || region === undefined || accountId === undefined || accountId === '') {
    return undefined;
  }
  const { streamName, consumerName, created } = form.exec(resource ?? '')?.groups ?? {};
  if (streamName === undefined) return undefined;
  return {
    region,
    accountId,
    streamName,
    streamArn: consumerName === undefined ? arn : arn.slice(0, arn.indexOf('/consumer/')),
    consumer:
      consumerName === undefined ? undefined : { name: consumerName, createdSeconds: Number(created) },
  };
}

export function streamArn(region: string, accountId: string, streamName: string): string {
  return formatArn('kinesis', { region, accountId }, `stream/${streamName}`);
}
