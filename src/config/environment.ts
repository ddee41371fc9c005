import { closest } from '../support/closest.ts';
import { rootKeySettings, storeKeySettings } from './key-pair.ts';
import { configFile, masterKeySetting, settingNames, settings } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Kubernetes sets such variables for services called nagare or nagare-...; they are not settings. */
const SERVICE_LINK =
  /^NAGARE_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT)(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/;

export function isServiceLink(name: string, value: string | undefined): boolean {
  return (
    SERVICE_LINK.test(name) ||
    (/^NAGARE_([A-Z0-9_]+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value ?? ''))
  );
}

/** What was ignored, one line each. */
export function kubernetesVariables(environment: Environment): string[] {
  const names = Object.keys(environment).filter((name) => isServiceLink(name, environment[name]));
  if (names.length === 0) return [];
  return [
    `ignored ${names.join(', ')}: Kubernetes sets these variables for services, unless enableServiceLinks is false`,
  ];
}

/** A line for each variable that looks like a setting but is none. */
export function unknownVariables(environment: Environment): string[] {
  const known = [
    ...settingNames.map((name) => settings[name].environment),
    configFile.environment,
    // Of commands only.
    'NAGARE_ENDPOINT',
    'NAGARE_CLIENT_CERT',
    'NAGARE_CLIENT_KEY',
    masterKeySetting.environment,
    ...[rootKeySettings, storeKeySettings].flatMap((key) => [
      key.accessKeyId,
      key.secretAccessKey,
      key.secretAccessKeyFile,
    ]),
  ];
  return Object.keys(environment)
    .filter(
      (name) =>
        name.startsWith('NAGARE_') && !known.includes(name) && !isServiceLink(name, environment[name]),
    )
    .map((name) => {
      const meant = closest(name, known);
      const hint = meant === undefined ? `known settings: ${known.join(', ')}` : `did you mean ${meant}?`;
      return `unknown setting ${name} in the environment; ${hint}`;
    });
}
