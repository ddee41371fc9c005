import { cliLimits } from '../limits.ts';
import { CommandError } from '../terminal.ts';

/** All that standard input has, up to the size of the largest request. */
export async function readAll(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    bytes += chunk.length;
    if (bytes > cliLimits.inputBytesMax)
      throw new CommandError('standard input has more than one request can take');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
