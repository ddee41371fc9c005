import { type ConfiguredKey, type Environment, readKeyPair, storeKeySettings } from './key-pair.ts';
import type { SettingName, ValueOfSetting } from './settings.ts';

/** An S3 outside of nagare that has its objects. */
export interface ObjectStoreSettings {
  readonly endpoint: string;
  readonly region: string;
  /** Without it the AWS SDK looks for credentials: environment, profile, instance. */
  readonly key?: ConfiguredKey;
}

type Value = <Name extends SettingName>(name: Name) => ValueOfSetting<Name>;

/** Undefined if no endpoint is given: the objects are in the data folder. */
export async function readObjectStore(
  value: Value,
  sources: Environment,
  problems: string[],
): Promise<ObjectStoreSettings | undefined> {
  const endpoint = value('s3Endpoint');
  const region = value('s3Region');
  const { AWS_REGION: usualRegion } = sources.environment;
  const key = await readKeyPair(storeKeySettings, sources, problems);
  if (endpoint !== '')
    return { endpoint, region: region || usualRegion || 'us-east-1', ...(key !== undefined && { key }) };
  if (key !== undefined) problems.push(`${storeKeySettings.accessKeyId} needs --s3-endpoint`);
  if (region !== '') problems.push('--s3-region needs --s3-endpoint');
  return undefined;
}
