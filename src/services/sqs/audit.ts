import type { AuditTable } from '../../protocol/service.ts';

export const audit: AuditTable = {
  // As on AWS (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html).
  dataEvents: [
    'ChangeMessageVisibility',
    'ChangeMessageVisibilityBatch',
    'DeleteMessage',
    'DeleteMessageBatch',
    'ReceiveMessage',
    'RedriveMessageBatch',
    'SendMessage',
    'SendMessageBatch',
  ],
  hidden: [
    'SendMessageRequest.MessageBody',
    'DeleteMessageRequest.ReceiptHandle',
    'ChangeMessageVisibilityRequest.ReceiptHandle',
    'MessageBodyAttributeMap',
    'MessageBodySystemAttributeMap',
    'SendMessageBatchRequestEntryList',
    'DeleteMessageBatchRequestEntryList',
    'ChangeMessageVisibilityBatchRequestEntryList',
    'RedriveMessageBatchRequestEntryList',
  ],
};
