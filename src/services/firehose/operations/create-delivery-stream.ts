import type { CreateDeliveryStreamInput, CreateDeliveryStreamOutput } from '@aws-sdk/client-firehose';
import { newDestination } from '../configuration/destination.ts';
import { newEncryption } from '../configuration/encryption.ts';
import { newSource } from '../configuration/source.ts';
import type { Handler } from '../context.ts';
import { taggedWith } from '../tags.ts';

/**
 * Creates a delivery stream. Differs from AWS: it is ACTIVE immediately, unless a setting makes states last; with
 * `--auth off`, roles are stored and returned but not asked.
 */
export const createDeliveryStream: Handler<CreateDeliveryStreamInput, CreateDeliveryStreamOutput> = async (
  { deliveryStreams },
  input,
) => {
  const { DeliveryStreamName: name, DeliveryStreamEncryptionConfigurationInput: encryption } = input;
  const source = newSource(input);
  const stream = await deliveryStreams.create({
    name,
    source,
    destination: newDestination(input, { sourceType: source.type, streamName: name }),
    ...(encryption !== undefined && { encryption: newEncryption(encryption) }),
    tags: taggedWith({}, input.Tags ?? []),
  });
  return { DeliveryStreamARN: stream.arn };
};
