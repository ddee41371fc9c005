import { configLimits } from './limits.ts';
import { type Setting, wholeNumber } from './setting.ts';

/** What the audit log has, and where it is. */
export const auditLogSettings = {
  auditLog: {
    flag: '--audit-log',
    environment: 'NAGARE_AUDIT_LOG',
    expects: 'a file',
    meaning: "file for the audit log: a line in CloudTrail's format for each request (default: none)",
    fallback: '',
    parse: (text) => text,
  } satisfies Setting<string>,
  auditLogMaxBytes: {
    flag: '--audit-log-max-bytes',
    environment: 'NAGARE_AUDIT_LOG_MAX_BYTES',
    expects: `a whole number of bytes from ${configLimits.auditFileBytesMin} to ${configLimits.auditFileBytesMax}`,
    meaning: 'size at which the audit log is kept as FILE.1, and a new file begins',
    fallback: '104857600',
    parse: (text) => wholeNumber(text, configLimits.auditFileBytesMin, configLimits.auditFileBytesMax),
  } satisfies Setting<number>,
  auditLogFiles: {
    flag: '--audit-log-files',
    environment: 'NAGARE_AUDIT_LOG_FILES',
    expects: `a whole number from 1 to ${configLimits.auditFilesMax}`,
    meaning: 'how many files of the audit log are kept, with the one that is written',
    fallback: '10',
    parse: (text) => wholeNumber(text, 1, configLimits.auditFilesMax),
  } satisfies Setting<number>,
  auditStream: {
    flag: '--audit-stream',
    environment: 'NAGARE_AUDIT_STREAM',
    expects: 'the name of a stream: 1 to 128 letters, digits, and the characters _ . -',
    meaning: 'stream of this server that gets the audit log too, a record for each request (default: none)',
    fallback: '',
    parse: (text) => (/^[a-zA-Z0-9_.-]{0,128}$/.test(text) ? text : undefined),
  } satisfies Setting<string>,
  auditData: {
    flag: '--audit-data',
    environment: 'NAGARE_AUDIT_DATA',
    expects: 'none, write or all',
    meaning:
      'which operations on records, objects, messages and invocations are audited, besides all on resources: none, write (those that store or invoke) or all',
    fallback: 'none',
    parse: (text) => (['none', 'write', 'all'] as const).find((word) => word === text),
  } satisfies Setting<'none' | 'write' | 'all'>,
  auditRequired: {
    flag: '--audit-required',
    environment: 'NAGARE_AUDIT_REQUIRED',
    expects: 'on or off',
    meaning: 'refuse requests while the audit log cannot be written',
    fallback: 'off',
    alone: 'on',
    parse: (text) => (['on', 'off'] as const).find((word) => word === text),
  } satisfies Setting<'on' | 'off'>,
};
