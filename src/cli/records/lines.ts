import { cliLimits } from '../limits.ts';
import { CommandError } from '../terminal.ts';

const NEWLINE = 10;

/** The lines of an input, without their ends; the last one may lack its end. Rejects with CommandError. */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      const part = bytes.subarray(from, end);
      yield withoutReturn(begun.length === 0 ? part : Buffer.concat([...begun, part]));
      begun = [];
      begunBytes = 0;
      from = end + 1;
    }
    if (from === bytes.length) continue;
    begun.push(Buffer.from(bytes.subarray(from)));
    begunBytes += bytes.length - from;
    if (begunBytes > cliLimits.lineBytesMax)
      throw new CommandError('a line of the input is longer than any record');
  }
  if (begun.length > 0) yield withoutReturn(Buffer.concat(begun));
}

/** A line that Windows wrote. */
function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === 13 ? line.subarray(0, -1) : line;
}
