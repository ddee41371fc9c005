import { BackupError } from '../backup.ts';
import { ConfigError } from '../config.ts';
import { DamageError, FolderInUseError, FormatVersionError } from '../engine/embedded/errors.ts';
import { CertificateError } from '../http/certificate.ts';
import { StreamsDamagedError } from '../kinesis/check-catalog.ts';
import { CommandError } from './terminal.ts';

const mendable = [
  BackupError,
  CommandError,
  ConfigError,
  CertificateError,
  FolderInUseError,
  DamageError,
  FormatVersionError,
  StreamsDamagedError,
];

/** What to tell of an error that the user can mend; undefined for a fault of ours, which keeps its stack. */
export function explain(error: unknown): string | undefined {
  return mendable.some((kind) => error instanceof kind) && error instanceof Error ? error.message : undefined;
}
