import type { SettingName, ValueOfSetting } from './settings.ts';

/** What one caller and one address may do. Undefined members have the default; 0 is no limit. */
export interface RateSettings {
  readonly requestsPerSecond?: number;
  readonly bytesPerSecond?: number;
  readonly connections?: number;
  readonly streams?: number;
}

export function readRates(
  value: <Name extends SettingName>(name: Name) => ValueOfSetting<Name>,
): RateSettings {
  const requestsPerSecond = value('limitRequestsPerSecond');
  const bytesPerSecond = value('limitBytesPerSecond');
  const connections = value('limitConnections');
  const streams = value('limitStreams');
  return {
    ...(requestsPerSecond !== '' && { requestsPerSecond }),
    ...(bytesPerSecond !== '' && { bytesPerSecond }),
    ...(connections !== '' && { connections }),
    ...(streams !== '' && { streams }),
  };
}
