import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { version } from '../../support/version.ts';
import { keyValues, type Message } from './messages.ts';

/** What all metrics and spans are of: this process. What is configured comes last, and replaces what is known. */
export function resourceOf(configured: Readonly<Record<string, string>>): Message {
  return {
    attributes: keyValues({
      'service.name': 'nagare',
      'service.version': version(),
      'service.instance.id': randomUUID(),
      'host.name': hostname(),
      'process.pid': process.pid,
      'telemetry.sdk.name': 'nagare',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': version(),
      ...configured,
    }),
  };
}

export function scope(): Message {
  return { name: 'nagare', version: version() };
}
