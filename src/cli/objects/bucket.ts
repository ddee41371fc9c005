import { Command } from 'commander';
import type { Bucket, BucketLocationConstraint } from '@aws-sdk/client-s3';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { confirmed, withYes, type ConfirmFlags } from '../confirm.ts';
import { printResult, printRows, withJson, withRows, type OutputFlags } from '../output/output.ts';
import type { Terminal } from '../terminal.ts';
import { parseBucket } from './address.ts';
import { type S3, withS3 } from './s3.ts';

type Flags = ServerFlags & OutputFlags;

/** `nagare bucket`: the buckets of S3. */
export function bucketCommand(terminal: Terminal): Command {
  return new Command('bucket')
    .description('list, create and delete buckets of S3')
    .addCommand(listCommand(terminal))
    .addCommand(createCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

function listCommand(terminal: Terminal): Command {
  const command = new Command('list').alias('ls').description('list buckets');
  return withServer(withRows(command)).action(async (flags: Flags) => {
    const server = await serverOf(flags, terminal);
    const buckets = await withS3(server, async (s3) => {
      const all: Bucket[] = [];
      for await (const bucket of bucketsOf(s3)) all.push(bucket);
      return all;
    });
    const columns = [
      { title: 'bucket', of: ({ Name }: Bucket) => Name },
      { title: 'created', of: ({ CreationDate }: Bucket) => CreationDate?.toISOString() },
    ];
    printRows(terminal, flags, columns, buckets);
  });
}

async function* bucketsOf({ client, sdk }: S3): AsyncGenerator<Bucket, void, undefined> {
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new sdk.ListBucketsCommand({ MaxBuckets: 1000, ContinuationToken }));
    yield* page.Buckets ?? [];
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken !== undefined);
}

function createCommand(terminal: Terminal): Command {
  const command = new Command('create')
    .description('create a bucket')
    .argument('<name>', 'bucket name', parseBucket);
  return withServer(withJson(command)).action(async (name: string, flags: Flags) => {
    const server = await serverOf(flags, terminal);
    await withS3(server, ({ client, sdk }) => {
      const isElsewhere = server.region !== 'us-east-1';
      // The server knows whether it is a region.
      const LocationConstraint = server.region as BucketLocationConstraint;
      return client.send(
        new sdk.CreateBucketCommand({
          Bucket: name,
          ...(isElsewhere && { CreateBucketConfiguration: { LocationConstraint } }),
        }),
      );
    });
    printResult(terminal, flags, `${name} is created`, { Bucket: name, Created: true });
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete a bucket without objects')
    .argument('<bucket>', 'bucket name', parseBucket);
  return withServer(withJson(withYes(command))).action(
    async (bucket: string, flags: Flags & ConfirmFlags) => {
      const server = await serverOf(flags, terminal);
      const work = async ({ client, sdk }: S3) => {
        await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }));
        confirmed(flags, `this deletes the bucket ${bucket}, if it has no objects`);
        await client.send(new sdk.DeleteBucketCommand({ Bucket: bucket }));
      };
      await withS3(server, work, 'NoSuchBucket');
      printResult(terminal, flags, `${bucket} is deleted`, { Bucket: bucket, Deleted: true });
    },
  );
}
