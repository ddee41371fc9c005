import { compact, type Description, undeclaredParts } from '../../declarations/description.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';
import { nameInArn, parseRedrivePolicy } from './redrive.ts';

/** All queues. Their messages are data, which a backup has. `urlOf` gives the ID by which Terraform imports one. */
export function describeQueues(queues: Queues, urlOf: (name: string) => string): Description {
  const all = [...queues.all()];
  return {
    sections: { queues: Object.fromEntries(all.map((queue) => [queue.name, declaredQueue(queue)])) },
    imports: all.map(({ name }) => ({ type: 'aws_sqs_queue', name, id: urlOf(name) })),
    undeclared: all.flatMap(({ name, attributes }) =>
      undeclaredParts(`queues.${name}`, {
        'its redrive-allow policy': attributes['RedriveAllowPolicy'],
        'its encryption': attributes['SqsManagedSseEnabled'] ?? attributes['KmsDataKeyReusePeriodSeconds'],
      }),
    ),
  };
}

function declaredQueue({ attributes, tags }: Queue): Record<string, unknown> {
  const { Policy: policy, RedrivePolicy: redrive } = attributes;
  const { deadLetterTargetArn = '', maxReceiveCount } =
    redrive === undefined ? {} : parseRedrivePolicy(redrive);
  const isByContent = attributes['ContentBasedDeduplication'] === 'true';
  return compact({
    visibilityTimeout: numberIn(attributes['VisibilityTimeout']),
    delaySeconds: numberIn(attributes['DelaySeconds']),
    messageRetentionPeriod: numberIn(attributes['MessageRetentionPeriod']),
    maximumMessageSize: numberIn(attributes['MaximumMessageSize']),
    receiveMessageWaitTimeSeconds: numberIn(attributes['ReceiveMessageWaitTimeSeconds']),
    contentBasedDeduplication: isByContent,
    deduplicationScope: attributes['DeduplicationScope'],
    fifoThroughputLimit: attributes['FifoThroughputLimit'],
    deadLetterQueue: nameInArn(deadLetterTargetArn),
    maxReceiveCount,
    policy: policy === undefined ? undefined : (JSON.parse(policy) as unknown),
    tags,
  });
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
