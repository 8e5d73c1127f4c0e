"""`tls.py CERTIFICATE KEY PORT`: takes TLS off connections and passes them on to a local port.
Prints its own port; ends with its input."""

import os
import select
import socket
import ssl
import sys
import threading


def main():
    certificate, key, port = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, context, int(port)), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()
    os._exit(0)


def accept(listener, context, port):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, context, port), daemon=True).start()


def serve(client, context, port):
    try:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(client, server_side=True) as client:
            with socket.create_connection(("127.0.0.1", port)) as server:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                relay(client, server)
    except OSError:
        # One of the two is gone, and so is the connection.
        pass


def relay(client, server):
    """By one thread: OpenSSL lets no two use a connection at once."""
    while True:
        # What is decrypted already no longer shows on the socket.
        ready = [client] if client.pending() else select.select([client, server], [], [])[0]
        for source in ready:
            data = source.recv(1 << 16)
            if not data:
                return
            (server if source is client else client).sendall(data)


if __name__ == "__main__":
    main()
