const LINE_BYTES = 16;

/** Lines of offset, bytes and characters, as `xxd` prints them. */
export function hexDump(bytes: Uint8Array, firstOffset = 0): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) {
    const line = Buffer.from(bytes.subarray(at, at + LINE_BYTES));
    const hex = line.toString('hex').replaceAll(/(.{2})(?=.)/g, '$1 ');
    const characters = line.toString('latin1').replaceAll(/[^ -~]/g, '.');
    const offset = (firstOffset + at).toString(16).padStart(8, '0');
    lines.push(`${offset}  ${hex.padEnd(LINE_BYTES * 3 - 1)}  ${characters}`);
  }
  return lines.join('\n');
}
