import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** One end of a system call, in the order in which strace saw them over all threads. */
export interface CallEvent {
  readonly when: 'enter' | 'exit';
  readonly name: string;
  /** What strace wrote of the arguments: at the entry those that go in, at the exit all. */
  readonly arguments: string;
  /** Undefined at the entry. */
  readonly result: number | undefined;
}

const CALLS = 'read,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fdatasync,fsync';

/** Follows the system calls of a running process with all its threads; `inject` as strace's own option. */
export class Tracer {
  readonly #child: ChildProcess;
  readonly #path: string;

  private constructor(child: ChildProcess, path: string) {
    this.#child = child;
    this.#path = path;
  }

  static async attach(pid: number, path: string, inject: readonly string[] = []): Promise<Tracer> {
    const injections = inject.flatMap((one) => ['-e', `inject=${one}`]);
    const args = [
      '-f',
      '-y',
      '-s',
      '1000000',
      '-e',
      `trace=${CALLS}`,
      ...injections,
      '-o',
      path,
      '-p',
      String(pid),
    ];
    const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const { promise: attached, resolve, reject } = Promise.withResolvers<void>();
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/attached/.test(said)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`strace did not attach: ${said}`)));
    await attached;
    // It says so before the last threads stop and go on.
    await sleep(200);
    return new Tracer(child, path);
  }

  /** Lets go of the process, and gives what was seen. */
  async detach(): Promise<CallEvent[]> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGINT');
      await ended;
    }
    const file = await open(this.#path);
    const events: CallEvent[] = [];
    const begun = new Map<string, { name: string; entered: string }>();
    for await (const line of file.readLines()) readLine(line, begun, events);
    return events;
  }
}

/** A call that others came between is told in two lines: `name(... <unfinished ...>`, `<... name resumed>...) = n`. */
function readLine(
  line: string,
  begun: Map<string, { name: string; entered: string }>,
  events: CallEvent[],
): void {
  const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/s.exec(line) ?? [];
  const resumed = /^<\.\.\. (\w+) resumed>(.*)$/s.exec(rest);
  if (resumed !== null) {
    const before = begun.get(thread);
    begun.delete(thread);
    const [, name = '', tail = ''] = resumed;
    events.push({ when: 'exit', name, arguments: `${before?.entered ?? ''}${tail}`, result: resultOf(tail) });
    return;
  }
  const [, name = '', given = ''] = /^(\w+)\((.*)$/s.exec(rest) ?? [];
  if (name === '') return;
  const unfinished = / <unfinished \.\.\.>$/.exec(given);
  const entered = unfinished === null ? given : given.slice(0, unfinished.index);
  events.push({ when: 'enter', name, arguments: entered, result: undefined });
  if (unfinished === null) events.push({ when: 'exit', name, arguments: given, result: resultOf(given) });
  else begun.set(thread, { name, entered });
}

function resultOf(text: string): number | undefined {
  const [, result] = /\)\s+= (-?\d+)[^)"]*(?:\(DELAYED\))?$/.exec(text) ?? [];
  return result === undefined ? undefined : Number(result);
}

/** `22<socket:[5121]>, ...`: the number and what it is of. */
export function fileOf(event: CallEvent): { readonly number: number; readonly path: string } {
  const [, number = '-1', path = ''] = /^(\d+)<((?:[^<>]|<[^<>]*>|->)*)>/.exec(event.arguments) ?? [];
  return { number: Number(number), path };
}
