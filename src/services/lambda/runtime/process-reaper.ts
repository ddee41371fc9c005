import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Log } from '../../../support/log.ts';

/**
 * A shell that reads which process groups run, and kills what is left of them when its input ends. Its input ends
 * when the server does, however that ends: this way no function outlives a server that was killed, be it stuck in
 * an endless loop or written in a language that knows nothing of nagare. One small process for all functions.
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

/** A shell that ends by itself again and again is no help. */
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
   * From now on the group dies with the server. `userId` is a user that has this group alone: all its processes die,
   * also those that have left the group.
   */
  add(group: number, userId?: number): void {
    const line = named(group, userId);
    this.#groups.add(line);
    this.#shell ??= this.#start();
    this.#tell(`+ ${line}`);
  }

  /** The group is gone; its number may be given to others. What its user has left is killed. */
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
    // A session of its own: a Ctrl-C in the server's terminal must not reach it before it has done its work.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.unref();
    shell.on('error', (error) => {
      this.#log.warn({ err: error }, 'functions may outlive a killed server: their reaper did not start');
    });
    shell.stdin.on('error', () => {});
    shell.on('exit', () => {
      if (this.#closed) return;
      // The reaper was killed. A new one takes over and gets the list of all running processes.
      this.#shell = undefined;
      if (this.#groups.size === 0 || this.#starts >= STARTS_MAX) return;
      this.#shell = this.#start();
      for (const group of this.#groups) this.#tell(`+ ${group}`);
    });
    return shell;
  }
}

/** As the shell keeps it: the user may be missing. */
function named(group: number, userId: number | undefined): string {
  return `${group}:${userId ?? ''}`;
}
