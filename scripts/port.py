"""Checks PORT before anything is compiled: it must be a port number and not be in use."""

import os
import socket
import sys

port = os.environ["PORT"]
if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
    sys.exit(f"PORT={port} is not a port number")
with socket.socket() as probe:
    # The service sets this option too: it can use a port whose last connections are in TIME_WAIT.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(port)))
    except OSError as error:
        sys.exit(f"port {port}: {error.strerror}; choose another one with PORT=…")
