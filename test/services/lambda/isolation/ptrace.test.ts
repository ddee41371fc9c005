import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createFunction, invoke, sharedLambda, zip } from '../lambda-server.ts';
import { skipWithout } from './level.ts';
import { commandLine, descendants } from './processes.ts';

const PYTHON = '/usr/bin/python3';

/**
 * Attaches to a process as a debugger does, and reads and writes its memory. `own` does so with a child, to show that
 * this is not refused as such.
 */
const tracer = `
import ctypes, os, signal

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
ATTACH, SEIZE, DETACH = 16, 0x4206, 17


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def word(result):
    return "done" if result >= 0 else os.strerror(ctypes.get_errno())


def attempts(pid):
    said = {}
    said["attach"] = word(libc.ptrace(ATTACH, pid, None, None))
    if said["attach"] == "done":
        os.waitpid(pid, 0)
        libc.ptrace(DETACH, pid, None, None)
    said["seize"] = word(libc.ptrace(SEIZE, pid, None, None))
    target = ctypes.create_string_buffer(8)
    here = Vector(ctypes.addressof(target), 8)
    there = Vector(ctypes.addressof(target), 8)
    for name in ("process_vm_readv", "process_vm_writev"):
        call = getattr(libc, name)
        call.restype = ctypes.c_ssize_t
        said[name] = word(call(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
    return said


def own():
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    try:
        return attempts(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


def handler(event, context):
    return {"own": own(), **{str(pid): attempts(pid) for pid in event["pids"]}}
`;

type Said = Readonly<Record<string, Readonly<Record<string, string>>>>;

for (const level of ['strict', 'user'] as const) {
  const skip = (await skipWithout(level)) || (!existsSync(PYTHON) && `there is no ${PYTHON}`);
  describe(`debugging by a function with isolation ${level}`, { skip }, () => {
    const shared = sharedLambda({ isolation: level, closeGraceMs: 500 });

    test('does not reach the server or another function', async () => {
      await createFunction(shared(), 'waits', `export const handler = async () => process.pid;`);
      const Code = { ZipFile: zip({ 'main.py': tracer }) };
      const options = { Runtime: 'python3.13', Handler: 'main.handler', Timeout: 20, Code } as const;
      await createFunction(shared(), 'tracer', '', options);
      await invoke(shared(), 'waits');
      // Its process and those that isolate it, all but the shell that buries them.
      const others = descendants(process.pid).filter((pid) =>
        commandLine(pid)?.includes('bootstrap/main.ts'),
      );
      assert.ok(others.length > 0);
      const { payload } = await invoke(shared(), 'tracer', { pids: [process.pid, ...others] });
      // As `tracer` answers.
      const { own, ...said } = payload as Said;
      const control = spawnSync(PYTHON, ['-c', `${tracer}\nimport json; print(json.dumps(own()))`]);
      assert.deepEqual(own, JSON.parse(control.stdout.toString()));
      assert.equal(Object.keys(said).length, 1 + others.length);
      // The process that compiles the bootstrap ends by itself, perhaps before the tracer came to it.
      const stayed = Object.entries(said).filter(([pid]) => commandLine(Number(pid)) !== undefined);
      assert.ok(stayed.length > 1);
      for (const [pid, attempts] of stayed) {
        const refusal = level === 'strict' ? 'No such process' : 'Operation not permitted';
        for (const [name, word] of Object.entries(attempts)) assert.equal(word, refusal, `${name} of ${pid}`);
      }
    });
  });
}
