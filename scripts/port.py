"""Fails with one line when PORT is not a port number or is in use, before anything is compiled."""

import os
import socket
import sys

port = os.environ["PORT"]
if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
    sys.exit(f"PORT={port} is not a port number")
with socket.socket() as probe:
    # As the service does: a port whose last user has just gone is free.
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", int(port)))
    except OSError as error:
        sys.exit(f"port {port}: {error.strerror}; take another one with PORT=…")
