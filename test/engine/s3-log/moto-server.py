"""moto's server on a port, one request after another: its own program looks for an object and stores one in two steps,
so that under load two conditional writes of the same object succeed. Needs the Python of moto's installation."""

import sys
from threading import Lock

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import run_simple

app = DomainDispatcherApplication(create_backend_app)
lock = Lock()


def one_at_a_time(environment, start_response):
    with lock:
        return app(environment, start_response)


run_simple(
    "127.0.0.1",
    int(sys.argv[1]),
    one_at_a_time,
    threaded=True,
    request_handler=MotoRequestHandler,
)
