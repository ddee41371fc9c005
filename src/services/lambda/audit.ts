import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['Invoke', 'InvokeAsync'],
  hidden: ['SensitiveString', 'InvocationRequest.ClientContext'],
};
