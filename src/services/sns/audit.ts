import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  dataEvents: ['Publish', 'PublishBatch'],
  hidden: [
    'message',
    'subject',
    'MessageAttributeMap',
    'PublishBatchRequestEntryList',
    // With it, anyone can confirm a subscription.
    'token',
    // Addresses of subscribers: web hooks have secrets in their URLs.
    'endpoint',
  ],
};
