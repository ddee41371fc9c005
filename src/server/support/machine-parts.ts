import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { settingNames } from '../../config/settings.ts';
import type { Config } from '../../config.ts';
import type { Clock } from '../../support/clock.ts';
import { version } from '../../support/version.ts';
import { examine } from '../doctor.ts';
import type { Part } from './archive.ts';

/** Of these it is only told that they are set: they are secrets, or places of secrets. */
const HIDDEN = new Set(['masterKeyFile', 'metricsTokenFile', 'tlsKey']);

/** What is known without a running server. */
export function machineParts(config: Config, clock: Clock): Part[] {
  return [
    { name: 'machine.json', make: () => Promise.resolve(machine()) },
    { name: 'settings.json', make: () => Promise.resolve(settingsOf(config)) },
    { name: 'doctor.json', make: () => examine(config, clock) },
  ];
}

function machine(): object {
  return {
    nagare: version(),
    node: process.versions.node,
    system: `${type()} ${release()}`,
    architecture: process.arch,
    processors: availableParallelism(),
    processor: cpus()[0]?.model,
    memoryBytes: totalmem(),
    load: loadavg(),
  };
}

/** Settings only: no keys, and nothing that is declared, which may have secrets in variables of functions. */
function settingsOf(config: Config): object {
  // Settings of other forms (rates, audit) are told by the metrics.
  const values = config as unknown as Readonly<Record<string, unknown>>;
  const shown = settingNames.filter((name) => !HIDDEN.has(name) && name in values);
  return {
    ...Object.fromEntries(shown.map((name) => [name, values[name]])),
    tls: config.tls !== undefined,
    hasRootKey: config.rootKey !== undefined,
    hasAudit: config.audit !== undefined,
    rates: config.rates,
  };
}
