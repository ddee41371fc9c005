import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: [],
  hidden: ['EncryptedKeyMetadataString', 'AuditContext'],
};
