import type { FailureDestinations } from './failure-report.ts';

/** What the services behind destinations must be able to do. */
export interface FailureTargets {
  /** Resolves when the notification is safe. Throws when there is no such topic. */
  readonly publish: (topicArn: string, subject: string, message: string) => Promise<void>;
  /** Resolves when the object is safe. Throws when there is no such bucket. */
  readonly put: (bucket: string, key: string, body: Uint8Array) => Promise<void>;
}

const SUBJECT = 'Event source mapping failure';
const topicArn = /^arn:aws[\w-]*:sns:[^:]+:\d{12}:[\w-]+(\.fifo)?$/;
const bucketArn = /^arn:aws[\w-]*:s3:::(?<bucket>[a-z0-9.-]+)$/;

/** Topics and buckets as destinations; queues are refused by name. */
export function failureDestinations(targets: FailureTargets): FailureDestinations {
  return {
    canSendTo: (arn) => topicArn.test(arn) || bucketArn.test(arn),
    async send(arn, { message, object }) {
      const bucket = bucketArn.exec(arn)?.groups?.['bucket'];
      if (bucket === undefined) await targets.publish(arn, SUBJECT, message);
      else await targets.put(bucket, object.key, Buffer.from(object.body));
    },
  };
}
