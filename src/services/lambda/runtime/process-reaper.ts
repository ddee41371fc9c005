import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Log } from '../../../support/log.ts';

/**
 * A shell that reads which process groups run and kills them when its input closes. Its input closes when the server
 * ends, in whatever way, so no function outlives a killed server, even in an endless loop and in any language. One
 * small process serves all functions.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
end() {
  kill -KILL "-\${1%:*}" 2>/dev/null
  user=\${1#*:}
  [ -z "$user" ] || setpriv --reuid="$user" --regid="$user" --clear-groups sh -c 'kill -KILL -1' 2>/dev/null
}
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }"
       [ -z "\${group#*:}" ] || end "$group" ;;
  esac
done
for group in $groups; do end "$group"; done
`;

/** Give up when the shell keeps dying. */
const STARTS_MAX = 100;

export class ProcessReaper {
  readonly #log: Log;
  #shell: ChildProcess | undefined;
  readonly #groups = new Set<string>();
  #starts = 0;
  #closed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * From now on the group dies with the server. `userId` is a user that only this group has: all its processes are
   * killed, also those that have left the group.
   */
  add(group: number, userId?: number): void {
    const line = named(group, userId);
    this.#groups.add(line);
    this.#shell ??= this.#start();
    this.#tell(`+ ${line}`);
  }

  /** The group has ended; its number may be reused. Leftover processes of its user are killed. */
  remove(group: number, userId?: number): void {
    const line = named(group, userId);
    if (this.#groups.delete(line)) this.#tell(`- ${line}`);
  }

  /** Ends the shell, which kills what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    const shell = this.#shell;
    if (shell === undefined || shell.exitCode !== null || shell.signalCode !== null) return;
    const exited = once(shell, 'exit');
    shell.ref();
    shell.stdin?.end();
    await exited;
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }

  #start(): ChildProcess {
    this.#starts++;
    // In a session of its own: a Ctrl-C in the server's terminal must not kill it before it has done its work.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.unref();
    shell.on('error', (error) => {
      this.#log.warn(
        { err: error },
        'could not start the process reaper: functions may outlive a killed server',
      );
    });
    shell.stdin.on('error', () => {});
    shell.on('exit', () => {
      if (this.#closed) return;
      // The reaper was killed. Start a new one with the list of all running processes.
      this.#shell = undefined;
      if (this.#groups.size === 0 || this.#starts >= STARTS_MAX) return;
      this.#shell = this.#start();
      for (const group of this.#groups) this.#tell(`+ ${group}`);
    });
    return shell;
  }
}

/** The group as the shell stores it; the user may be missing. */
function named(group: number, userId: number | undefined): string {
  return `${group}:${userId ?? ''}`;
}
