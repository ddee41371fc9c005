import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['FilterLogEvents', 'GetLogEvents', 'PutLogEvents', 'StartLiveTail'],
  hidden: ['FilterPattern', 'InputLogEvents', 'SequenceToken'],
};
