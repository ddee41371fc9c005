/** `arn:aws:kinesis:<region>:<account>:stream/<name>`, a consumer's with `/consumer/<name>:<creation in seconds>`. */
export interface KinesisArn {
  readonly region: string;
  readonly accountId: string;
  readonly streamName: string;
  /** Up to the stream's name. */
  readonly streamArn: string;
  readonly consumer: { readonly name: string; readonly createdSeconds: number } | undefined;
}

const FORM = /^(arn:aws[\w-]*:kinesis:([\w-]*):(\d{12}):stream\/([\w.-]+))(?:\/consumer\/([\w.-]+):(\d+))?$/;

export function parseArn(arn: string): KinesisArn | undefined {
  const [, streamArn, region, accountId, streamName, consumerName, created] = FORM.exec(arn) ?? [];
  if (
    streamArn === undefined ||
    region === undefined ||
    accountId === undefined ||
    streamName === undefined
  ) {
    return undefined;
  }
  return {
    region,
    accountId,
    streamName,
    streamArn,
    consumer:
      consumerName === undefined ? undefined : { name: consumerName, createdSeconds: Number(created) },
  };
}

export function streamArn(region: string, accountId: string, streamName: string): string {
  return `arn:aws:kinesis:${region}:${accountId}:stream/${streamName}`;
}
