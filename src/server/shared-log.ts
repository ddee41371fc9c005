import { resolve } from 'node:path';
import { secretIn } from '../config/secret-file.ts';
import type { KafkaLogSettings, SharedLogSettings } from '../config/shared-log-url.ts';
import { openKafkaSharedLog } from '../engine/kafka/open.ts';
import type { KafkaSecurity } from '../engine/kafka/security.ts';
import { openS3SharedLog } from '../engine/s3-log/open.ts';
import type { SharedLog } from '../engine/shared/shared-log.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';

export interface SharedLogSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To which the paths in the URL are relative. */
  readonly workingFolder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an acknowledged change survives, in one word; docs/cluster.md explains it. */
export type Durability = 'quorum-memory' | 'quorum-fsync' | 'object-store';

export interface OpenedLog {
  readonly log: SharedLog;
  readonly durability: Durability;
}

/** Opens the log that a URL names. Throws KafkaSetupError or S3SetupError. */
export async function openSharedLog(
  settings: SharedLogSettings,
  sources: SharedLogSources,
): Promise<OpenedLog> {
  const { clock, log } = sources;
  if (settings.store === 's3') {
    return { log: await openS3SharedLog({ ...settings, clock, log }), durability: 'object-store' };
  }
  const opened = await openKafkaSharedLog({
    ...settings,
    bootstrap: settings.brokers,
    security: securityOf(settings, sources),
    clock,
    log,
  });
  return { log: opened, durability: opened.topic.durability };
}

function securityOf({ tls, sasl }: KafkaLogSettings, sources: SharedLogSources): KafkaSecurity {
  const path = (file: string | undefined): string | undefined =>
    file === undefined ? undefined : resolve(sources.workingFolder, file);
  return {
    ...(tls && {
      tls: { caFile: path(tls.caFile), certFile: path(tls.certFile), keyFile: path(tls.keyFile) },
    }),
    ...(sasl && {
      sasl: { mechanism: sasl.mechanism, user: sasl.user, secret: secretIn(sasl.secretFile, sources) },
    }),
  };
}
