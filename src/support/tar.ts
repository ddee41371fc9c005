const BLOCK = 512;

export interface TarFile {
  readonly name: string;
  readonly content: string;
}

/** One file in a tar archive (POSIX ustar), readable by its owner only. */
export function tarEntry({ name, content }: TarFile, modifiedMs: number): Buffer {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK);
  return Buffer.concat([header(name, bytes.length, modifiedMs), bytes, padding]);
}

/** What follows the last file. */
export const tarEnd = Buffer.alloc(2 * BLOCK);

/** The names of the files in an archive that `tarEntry` made. */
export function namesInTar(archive: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const [name = ''] = archive.toString('latin1', at, at + 100).split('\0');
    names.push(name);
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return names;
}

function header(name: string, size: number, modifiedMs: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100);
  block.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  block.write(`${octal(size, 11)}\0${octal(Math.floor(modifiedMs / 1000), 11)}\0`, 124);
  // The checksum counts itself as blanks.
  block.write('        0', 148);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
