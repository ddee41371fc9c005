import { lambdaLimits } from '../limits.ts';

/** The PATH for programs that set up isolation: a function must not influence which ones are run. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Quotes a string as one word of a shell script. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Renames a function's variables so that they do not affect the programs that set up its isolation, some of them as
 * root: LD_PRELOAD, for one, must not reach these. `RESTORE_ENVIRONMENT` restores the names.
 */
export function disguised(environment: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return Object.fromEntries(entries.map((entry, index) => [`_E${index}`, entry]));
}

/** Variables of functions have at least two characters, so `i` and `v` cannot collide with one. */
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
 * Sets the limits of one process, and of its user's number of processes. Functions cannot raise them. Where the server
 * runs under a lower limit, the shell refuses the higher one and the lower one stays in effect.
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
  // The option differs: -u in bash, -p in dash and busybox.
  if (processes) {
    const most = lambdaLimits.functionProcessesEachMax;
    lines.push(`ulimit -u ${most} 2>/dev/null || ulimit -p ${most} 2>/dev/null || :`);
  }
  return lines.join('\n');
}
