import { Command } from 'commander';
import { serverOf, withServer, type ServerFlags } from '../api.ts';
import { printRows, withRows, type OutputFlags } from '../output/output.ts';
import { parseWhole } from '../output/units.ts';
import { InterruptedError, type Terminal } from '../terminal.ts';
import { type Address, parsePrefix } from './address.ts';
import { type S3, withS3 } from './s3.ts';

type ListFlags = ServerFlags & OutputFlags & { readonly recursive?: true; readonly limit?: number };

/** An object, or all keys up to a slash. */
type Row =
  | { readonly Key: string; readonly Size: number; readonly LastModified: string }
  | { readonly Prefix: string };

const COLUMNS = [
  { title: 'key', of: (row: Row) => ('Prefix' in row ? row.Prefix : row.Key) },
  {
    title: 'bytes',
    align: 'right' as const,
    of: (row: Row) => ('Prefix' in row ? undefined : row.Size),
  },
  { title: 'changed', of: (row: Row) => ('Prefix' in row ? undefined : row.LastModified) },
];

export function listCommand(terminal: Terminal): Command {
  const command = new Command('list')
    .alias('ls')
    .description('list the objects of a bucket, or those whose keys begin alike; keys end at a slash')
    .argument('<bucket>', 'bucket, or s3://bucket/beginning of keys', parsePrefix)
    .option('-r, --recursive', 'list whole keys')
    .option('--limit <number>', 'at most so many', parseWhole(1))
    .addHelpText('after', '\nExample:\n  nagare object ls s3://my-bucket/2026/');
  return withServer(withRows(command)).action(async (address: Address, flags: ListFlags) => {
    const server = await serverOf(flags, terminal);
    const signal = terminal.untilInterrupted();
    // A table has to know all rows; lines are printed page by page.
    const isWhole = flags.json === true || terminal.columns !== undefined;
    const all: Row[] = [];
    await withS3(server, async (s3) => {
      for await (const rows of pagesOf(s3, address, flags)) {
        if (signal.aborted) throw new InterruptedError(signal);
        if (isWhole) all.push(...rows);
        else printRows(terminal, flags, COLUMNS, rows);
      }
    });
    if (isWhole) printRows(terminal, flags, COLUMNS, all);
  });
}

/** In the order of their names, with the prefixes of a page among its objects. */
export async function* pagesOf(
  { client, sdk }: S3,
  { bucket, key }: Address,
  { recursive, limit = Infinity }: Pick<ListFlags, 'recursive' | 'limit'>,
): AsyncGenerator<Row[], void, undefined> {
  let left = limit;
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: key,
        ...(recursive !== true && { Delimiter: '/' }),
        MaxKeys: Math.min(1000, left),
        ContinuationToken,
      }),
    );
    const objects = (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified }) => ({
      Key,
      Size,
      LastModified: LastModified?.toISOString() ?? '',
    }));
    const prefixes = (page.CommonPrefixes ?? []).map(({ Prefix = '' }) => ({ Prefix }));
    const rows = [...prefixes, ...objects].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    yield rows;
    left -= rows.length;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined && left > 0);
}

export function nameOf(row: Row): string {
  return 'Prefix' in row ? row.Prefix : row.Key;
}
