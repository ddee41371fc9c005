import { lambdaLimits } from '../limits.ts';

/** Programs that prepare an isolation are looked for here alone: nothing of a function's decides what they are. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A word of a shell script, whatever is in it. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A function's variables under names that mean nothing to the programs that prepare its isolation, some of them as
 * root: LD_PRELOAD, for one, must not reach these. `RESTORE_ENVIRONMENT` gives them their names.
 */
export function disguised(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return Object.fromEntries(entries.map((entry, index) => [`_E${index}`, entry]));
}

/** Variables of functions have two characters at least, so that `i` and `v` are none of theirs. */
export const RESTORE_ENVIRONMENT = [
  'i=0',
  'while eval "v=\\${_E$i-}"; [ -n "$v" ]; do',
  '  unset "_E$i"',
  '  export "$v"',
  '  i=$((i+1))',
  'done',
  'unset i v',
].join('\n');

/**
 * Limits of one process, and of how many processes its user has. They cannot be raised again. Where the server itself
 * runs under a lower limit, the shell refuses the higher one, and the lower one holds.
 */
export function resourceLimits(dataBytesMax: number, { processes }: { readonly processes: boolean }): string {
  const kibibytes = Math.ceil(dataBytesMax / 1024);
  const blocks = Math.ceil(lambdaLimits.functionFileBytesMax / 512);
  const lines = [
    'ulimit -c 0',
    `ulimit -n ${lambdaLimits.functionFilesMax} 2>/dev/null || :`,
    `ulimit -f ${blocks} 2>/dev/null || :`,
    `ulimit -d ${kibibytes} 2>/dev/null || :`,
  ];
  // The letter differs: u in bash, p in dash and in busybox.
  if (processes) {
    const most = lambdaLimits.functionProcessesEachMax;
    lines.push(`ulimit -u ${most} 2>/dev/null || ulimit -p ${most} 2>/dev/null || :`);
  }
  return lines.join('\n');
}
