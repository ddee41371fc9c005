"""Runs `aws` and Python programs in processes that are forked from this one, which has loaded their modules already.

A hundred commands at once take most of their processor time to load the same modules, and leave none to what they are
for. The programs that are run are the same, but the loading is done once, and so many run at a time. Prints the port on which it takes the process id of a shim (forked-tools.ts), whose
arguments, environment and folder the command gets; answers with the exit code, the length of the error output, the
error output and the output.
"""

import os
import runpy
import socket
import sys
import tempfile
import traceback

import awscli.clidriver
import boto3.session  # noqa: F401 -- loaded for the programs

AT_ONCE_MAX = 4

# The CLI has set it when it was loaded.
data_path = os.environ["AWS_DATA_PATH"]


def strings(path):
    with open(path, "rb") as file:
        return [os.fsdecode(one) for one in file.read().split(b"\0")[:-1]]


def become(pid):
    """Returns the arguments of the shim: the interpreter, the path of the shim, and those of the command."""
    os.environ.clear()
    os.environ.update(one.split("=", 1) for one in strings(f"/proc/{pid}/environ"))
    os.environ["AWS_DATA_PATH"] = data_path
    os.chdir(os.readlink(f"/proc/{pid}/cwd"))
    return strings(f"/proc/{pid}/cmdline")[1:]


def run(pid):
    program, *arguments = become(pid)
    if os.path.basename(program) == "aws":
        sys.argv = [program, *arguments]
        return awscli.clidriver.main()
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


def exit_code(pid):
    try:
        return run(pid)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1


def answer(connection):
    stream = connection.makefile("rwb")
    output, errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    os.dup2(output.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    code = exit_code(int(stream.readline()))
    sys.stdout.flush()
    sys.stderr.flush()
    texts = []
    for file in (errors, output):
        file.seek(0)
        texts.append(file.read())
    stream.write(b"%d %d\n" % (code, len(texts[0])) + b"".join(texts))
    stream.flush()


server = socket.create_server(("127.0.0.1", 0), backlog=512)
print(server.getsockname()[1], flush=True)
# What they work with comes first.
os.nice(10)
running = 0
while True:
    accepted, _ = server.accept()
    if os.fork() == 0:
        try:
            server.close()
            answer(accepted)
        finally:
            os._exit(0)
    accepted.close()
    running += 1
    # Ended ones are buried, and at the bound one is waited for.
    while running > 0 and os.waitpid(-1, 0 if running == AT_ONCE_MAX else os.WNOHANG)[0] > 0:
        running -= 1
