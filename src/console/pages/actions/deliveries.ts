import { quoted } from '../../../support/shell-word.ts';
import type { Action } from './action.ts';

export const deliveryActions = {
  flushDelivery: (name: string): Action => ({
    title: `Deliver what waits in ${name}`,
    verb: 'Deliver now',
    says: 'What has arrived is delivered without waiting for more, in smaller objects than usual. Failed deliveries are tried again.',
    commands: [`nagare delivery flush ${quoted(name)}`],
    call: ['firehose', 'FlushDeliveryStream', { DeliveryStreamName: name }],
  }),
  retryDelivery: (name: string): Action => ({
    title: `Try ${name} again`,
    verb: 'Try again',
    says: 'Failed deliveries are tried again at once. They are anyway, every few seconds.',
    commands: [`nagare delivery retry ${quoted(name)}`],
    call: ['firehose', 'FlushDeliveryStream', { DeliveryStreamName: name, RetryOnly: true }],
  }),
  deleteDelivery: (name: string): Action => ({
    title: `Delete ${name}`,
    verb: 'Delete the delivery stream',
    says: 'Direct puts that wait are delivered first. Of a stream nothing more is delivered; its records stay.',
    confirm: name,
    commands: [
      `nagare delivery delete ${quoted(name)} --yes`,
      `aws firehose delete-delivery-stream --delivery-stream-name ${quoted(name)}`,
    ],
    call: ['firehose', 'DeleteDeliveryStream', { DeliveryStreamName: name }],
  }),
  forceDeleteDelivery: (name: string, waiting: number): Action => ({
    title: `Delete ${name}, and what waits in it`,
    verb: 'Delete the delivery stream',
    says: `${waiting} direct ${waiting === 1 ? 'put that waits is' : 'puts that wait are'} lost. This cannot be undone.`,
    confirm: name,
    commands: [
      `nagare delivery delete ${quoted(name)} --force --yes`,
      `aws firehose delete-delivery-stream --delivery-stream-name ${quoted(name)} --allow-force-delete`,
    ],
    call: ['firehose', 'DeleteDeliveryStream', { DeliveryStreamName: name, AllowForceDelete: true }],
  }),
  deleteChannel: (name: string, arn: string): Action => ({
    title: `Delete the channel ${name}`,
    verb: 'Delete the channel',
    says: 'Records that are not delivered yet never are. Those in the stream and in the bucket stay.',
    confirm: name,
    commands: [
      `nagare channel delete ${quoted(name)} --yes`,
      `aws kinesis delete-channel --channel-arn ${arn}`,
    ],
    call: ['kinesis', 'DeleteChannel', { ChannelARN: arn }],
  }),
  deleteListLog: (name: string): Action => ({
    title: `Delete the list log ${name}`,
    verb: 'Delete the list log',
    says: 'No more lines are written. The object stays as it is.',
    confirm: name,
    commands: [`nagare list-log delete ${quoted(name)} --yes`],
    call: ['listlog', 'DeleteListLog', { ListLogName: name }],
  }),
  deleteObject: (bucket: string, key: string): Action => ({
    title: `Delete ${key.split('/').at(-1) || key}`,
    verb: 'Delete the object',
    says: `s3://${bucket}/${key} is deleted. This cannot be undone.`,
    confirm: key.split('/').at(-1) || key,
    commands: [
      `nagare object delete ${quoted(`s3://${bucket}/${key}`)} --yes`,
      `aws s3 rm ${quoted(`s3://${bucket}/${key}`)}`,
    ],
    call: ['s3', 'DeleteObject', { Bucket: bucket, Key: key }],
  }),
} as const;
