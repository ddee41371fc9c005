import { Command } from 'commander';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { confirmed, withYes, type ConfirmFlags } from '../confirm.ts';
import { factsText } from '../output/facts.ts';
import { printResult, withJson, type OutputFlags } from '../output/output.ts';
import { bytesText } from '../output/units.ts';
import type { Terminal } from '../terminal.ts';
import { type Address, addressText, parseObject } from './address.ts';
import { getCommand } from './get.ts';
import { listCommand } from './list.ts';
import { putCommand } from './put.ts';
import { type S3, withS3 } from './s3.ts';

type Flags = ServerFlags & OutputFlags;

/** `nagare object`: the objects of S3. */
export function objectCommand(terminal: Terminal): Command {
  return new Command('object')
    .description('list, read, write and delete objects of S3')
    .addCommand(listCommand(terminal))
    .addCommand(describeCommand(terminal))
    .addCommand(getCommand(terminal))
    .addCommand(putCommand(terminal))
    .addCommand(deleteCommand(terminal));
}

function describeCommand(terminal: Terminal): Command {
  const command = new Command('describe')
    .alias('info')
    .description('show the size, the type and the metadata of an object')
    .argument('<object>', 's3://bucket/key', parseObject);
  return withServer(withJson(command)).action(async (address: Address, flags: Flags) => {
    const head = await withS3(await serverOf(flags, terminal), (s3) => headOf(s3, address));
    const { $metadata: _, ...facts } = head;
    const described = { Bucket: address.bucket, Key: address.key, ...facts };
    // As JSON has it: times are texts.
    const plain = JSON.parse(JSON.stringify(described)) as object;
    printResult(terminal, flags, factsText(plain), plain);
  });
}

function deleteCommand(terminal: Terminal): Command {
  const command = new Command('delete')
    .alias('rm')
    .description('delete an object')
    .argument('<object>', 's3://bucket/key', parseObject);
  return withServer(withJson(withYes(command))).action(
    async (address: Address, flags: Flags & ConfirmFlags) => {
      const name = addressText(address);
      await withS3(await serverOf(flags, terminal), async (s3) => {
        const size = await sizeOf(s3, address);
        confirmed(flags, `this deletes ${name}${size === undefined ? '' : ` (${bytesText(size)})`}`);
        const { client, sdk } = s3;
        await client.send(new sdk.DeleteObjectCommand({ Bucket: address.bucket, Key: address.key }));
      });
      printResult(terminal, flags, `${name} is deleted`, {
        Bucket: address.bucket,
        Key: address.key,
        Deleted: true,
      });
    },
  );
}

/** Undefined for a key that may delete objects but not read them. */
async function sizeOf(s3: S3, address: Address): Promise<number | undefined> {
  try {
    return (await headOf(s3, address)).ContentLength;
  } catch (error) {
    if (error instanceof s3.sdk.S3ServiceException && error.$metadata.httpStatusCode === 403)
      return undefined;
    throw error;
  }
}

function headOf({ client, sdk }: S3, { bucket, key }: Address): Promise<HeadObjectCommandOutput> {
  return client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }));
}
