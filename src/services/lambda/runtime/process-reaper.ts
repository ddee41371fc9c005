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
while read -r change group; do
  case $change in
    +) groups="$groups$group " ;;
    -) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
`;

/** A shell that ends by itself again and again is no help. */
const STARTS_MAX = 100;

export class ProcessReaper {
  readonly #log: Log;
  #shell: ChildProcess | undefined;
  readonly #groups = new Set<number>();
  #starts = 0;
  #closed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** From now on the group dies with the server. */
  add(group: number): void {
    this.#groups.add(group);
    this.#shell ??= this.#start();
    this.#tell(`+ ${group}`);
  }

  /** The group is gone; its number may be given to others. */
  remove(group: number): void {
    if (this.#groups.delete(group)) this.#tell(`- ${group}`);
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
      this.#log.warn({ err: error }, 'functions may outlive a killed server: their guardian did not start');
    });
    shell.stdin.on('error', () => {});
    shell.on('exit', () => {
      if (this.#closed) return;
      // Somebody killed it. Another takes over; it is told of all that run.
      this.#shell = undefined;
      if (this.#groups.size === 0 || this.#starts >= STARTS_MAX) return;
      this.#shell = this.#start();
      for (const group of this.#groups) this.#tell(`+ ${group}`);
    });
    return shell;
  }
}
