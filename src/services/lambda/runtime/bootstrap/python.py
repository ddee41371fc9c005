"""The process of a Python function: loads the handler, then takes one invocation after another from the Lambda
Runtime API until it is killed. It ends by itself when the server is gone. Needs nothing but Python 3.8."""

import http.client
import importlib
import importlib.util
import io
import json
import logging
import os
import socket
import struct
import sys
import time
import traceback

RUNTIME = "/2018-06-01/runtime/"
FRAME_TYPE = 0xA55A0003
FRAME_BYTES_MAX = 256 * 1024

telemetry = int(os.environ.get("_LAMBDA_TELEMETRY_LOG_FD", "1"))
current_request_id = None
is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


class Context:
    """docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, headers):
        env = os.environ
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.identity = Identity()
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = None if client is None else ClientContext(json.loads(client))
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        write_frame(str(message))


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class ClientContext:
    def __init__(self, values):
        self.custom = values.get("custom")
        self.env = values.get("env")
        self.client = values.get("client")


class LambdaFormatter(logging.Formatter):
    """[INFO]<tab>time<tab>request<tab>message, as Lambda's own runtime has it."""

    converter = time.gmtime

    def __init__(self):
        super().__init__("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record):
        record.aws_request_id = current_request_id or ""
        return super().format(record)


PYTHON_LEVELS = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
# What every record has; the other members were given as `extra`.
OWN_MEMBERS = set(logging.makeLogRecord({}).__dict__) | {"aws_request_id", "message", "asctime"}


class JsonFormatter(logging.Formatter):
    """One JSON object a record, with the members that Lambda's own runtime writes."""

    def format(self, record):
        level = min(50, max(0, record.levelno)) // 10 * 10
        members = {
            "timestamp": timestamp(record.created),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": current_request_id,
        }
        if record.exc_info:
            error_type, error, trace = record.exc_info
            members["stackTrace"] = traceback.format_tb(trace)
            members["errorType"] = None if error_type is None else error_type.__name__
            members["errorMessage"] = str(error)
            members["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        for name, value in record.__dict__.items():
            if name not in OWN_MEMBERS:
                members.setdefault(name, value)
        present = {name: value for name, value in members.items() if value is not None}
        return json.dumps(present, ensure_ascii=False, default=str)


def timestamp(seconds):
    milliseconds = int(seconds * 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)) + ".%03dZ" % (milliseconds % 1000)


class LambdaHandler(logging.Handler):
    def emit(self, record):
        write_frame(self.format(record))


def write_frame(message):
    """One log event, however many lines it has; very long ones become several."""
    data = message.encode("utf-8", "replace")
    for start in range(0, max(len(data), 1), FRAME_BYTES_MAX):
        part = data[start : start + FRAME_BYTES_MAX]
        write_all(struct.pack(">IIQ", FRAME_TYPE, len(part), int(time.time() * 1_000_000)) + part)


def write_all(data):
    view = memoryview(data)
    while view:
        view = view[os.write(telemetry, view) :]


class RuntimeApi:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def next(self):
        response = self._call("GET", "invocation/next")
        return response.headers, response.read()

    def response(self, request_id, body):
        """Sends a result and waits for the next invocation, by nagare's extension of the Runtime API."""
        headers = {"Content-Type": "application/json"}
        response = self._call("POST", "invocation/%s/response-and-next" % request_id, body, headers)
        content = response.read()
        # A result that was refused has ended its invocation too.
        return (response.headers, content) if response.status == 200 else self.next()

    def error(self, request_id, failure):
        self._post("invocation/%s/error" % request_id, json.dumps(failure).encode(), failure["errorType"])

    def init_error(self, failure):
        self._post("init/error", json.dumps(failure).encode(), failure["errorType"])

    def loaded_files(self, files):
        self._post("loaded-files", json.dumps(files).encode())

    def _post(self, what, body, error_type=None):
        headers = {"Content-Type": "application/json"}
        if error_type is not None:
            headers["Lambda-Runtime-Function-Error-Type"] = error_type
        self._call("POST", what, body, headers).read()

    def _call(self, method, what, body=None, headers={}):
        try:
            if self._connection.sock is None:
                self._connection.connect()
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connection.request(method, RUNTIME + what, body, headers)
            return self._connection.getresponse()
        except (OSError, http.client.HTTPException):
            os._exit(1)


class RuntimeFailure(Exception):
    """What is wrong with the function itself, by Lambda's names."""

    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


def failure_of(error, request_id):
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and not frame.filename.startswith("<frozen ")]
    return {
        "errorMessage": str(error),
        "errorType": error.error_type if isinstance(error, RuntimeFailure) else type(error).__name__,
        "requestId": request_id or "",
        "stackTrace": traceback.format_list(own),
    }


def log_failure(failure):
    if is_json:
        write_frame(json.dumps({"timestamp": timestamp(time.time()), "log_level": "ERROR", **failure}, ensure_ascii=False))
        return
    lines = ["[ERROR] %s: %s" % (failure["errorType"], failure["errorMessage"])]
    if failure["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in failure["stackTrace"]]
    write_frame("\n".join(lines))


def load_handler(name, file):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise RuntimeFailure("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    try:
        module = load_module(module_name, file)
    except ImportError as error:
        raise RuntimeFailure("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error)) from error
    except SyntaxError as error:
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error)) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        raise RuntimeFailure("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))
    return handler


def load_module(name, file):
    if file is None:
        return importlib.import_module(name.replace("/", "."))
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def loaded_files(folder, file):
    """The function's own files, as they are: when one changes, the server starts another process."""
    paths = {file}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if path and path.startswith(folder + os.sep) and "site-packages" not in path:
            paths.add(path)
    return [
        {"path": path, "modifiedMs": os.stat(path).st_mtime * 1000, "sizeBytes": os.stat(path).st_size}
        for path in paths
        if os.path.exists(path)
    ]


def to_json(value):
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise RuntimeFailure("Runtime.MarshalError", "Unable to marshal response: %s" % error) from None


def serve(api, handler):
    global current_request_id
    headers, body = api.next()
    while True:
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        current_request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        # As OpenTelemetry passes a trace to a process.
        set_variable("TRACEPARENT", headers.get("traceparent"))
        set_variable("TRACESTATE", headers.get("tracestate"))
        try:
            answer = to_json(handler(json.loads(body or b"{}"), Context(headers)))
        except Exception as error:
            failure = failure_of(error, request_id)
            log_failure(failure)
            flush()
            api.error(request_id, failure)
            headers, body = api.next()
        else:
            flush()
            headers, body = api.response(request_id, answer)


def set_variable(name, value):
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def flush():
    sys.stdout.flush()
    sys.stderr.flush()


def main():
    file = os.environ.pop("_NAGARE_HANDLER_FILE", None)
    folder = os.environ.get("LAMBDA_TASK_ROOT", ".")
    # In place of this file's own folder.
    sys.path[0] = folder
    sys.path[1:1] = [path for path in os.environ.pop("_NAGARE_PYTHON_PATH", "").split(":") if path]
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, line_buffering=True, errors="replace")
    root = logging.getLogger()
    handler = LambdaHandler()
    handler.setFormatter(JsonFormatter() if is_json else LambdaFormatter())
    root.addHandler(handler)
    if is_json:
        root.setLevel(PYTHON_LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL"), logging.INFO))
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        function = load_handler(os.environ.get("_HANDLER", ""), file)
    except Exception as error:
        failure = failure_of(error, None)
        log_failure(failure)
        flush()
        if file is not None:
            api.loaded_files(loaded_files(folder, file))
        api.init_error(failure)
        sys.exit(1)
    if file is not None:
        api.loaded_files(loaded_files(folder, file))
    serve(api, function)


main()
