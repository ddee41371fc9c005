import type { Target } from '../../aws/targets.ts';
import { queueDoesNotExist } from './errors.ts';
import { parseMessage } from './message-input.ts';
import type { Queues } from './queues.ts';
import { nameInArn } from './redrive.ts';
import { sendMessages } from './sending.ts';

/** Queues as targets of events: destinations and dead letters of functions and mappings. As on AWS, only standard ones. */
export function queueTarget(queues: Queues): Target {
  return {
    accepts: (arn) => nameInArn(arn)?.endsWith('.fifo') === false,
    needs: (resource) => ({ action: 'sqs:SendMessage', resource }),
    async deliver(arn, { message, attributes = {}, groupId, trace }) {
      const queue = queues.byArn(arn);
      if (queue === undefined) throw queueDoesNotExist();
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, { type, value }]) => [
          name,
          type.startsWith('Binary')
            ? { DataType: type, BinaryValue: Buffer.from(value, 'base64') }
            : { DataType: type, StringValue: value },
        ]),
      );
      const parsed = parseMessage(
        queue,
        {
          MessageBody: message,
          MessageAttributes,
          ...(groupId !== undefined && { MessageGroupId: groupId }),
        },
        { trace },
      );
      await sendMessages(queues.open(queue.name), [parsed]);
    },
  };
}
