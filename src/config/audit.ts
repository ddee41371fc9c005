import type { SettingSource } from './setting-source.ts';

/** Where requests are recorded. */
export interface AuditSettings {
  /** Absolute path. */
  readonly file?: string;
  readonly fileBytesMax: number;
  /** With the one that is written. */
  readonly filesMax: number;
  /** The name of a stream of this server. */
  readonly stream?: string;
  /** Which operations on data are recorded too. */
  readonly data: 'none' | 'write' | 'all';
  /** Requests are refused while they cannot be recorded. */
  readonly required: boolean;
}

/** Undefined if neither a file nor a stream is named. */
export function readAudit(
  { value, origin, path }: SettingSource,
  problems: string[],
): AuditSettings | undefined {
  const file = path('auditLog');
  const stream = value('auditStream');
  const audit = {
    fileBytesMax: value('auditLogMaxBytes'),
    filesMax: value('auditLogFiles'),
    data: value('auditData'),
    required: value('auditRequired') === 'on',
  };
  if (file === undefined && stream === '') {
    if (audit.required) problems.push(`${origin('auditRequired')} needs an audit log or an audit stream`);
    return undefined;
  }
  return { ...audit, ...(file !== undefined && { file }), ...(stream !== '' && { stream }) };
}
