"""`tls.py CERTIFICATE KEY PORT`: a TLS proxy for a local port. Prints its own port, and exits when its
input ends."""

import asyncio
import contextlib
import os
import ssl
import sys


async def main(certificate, key, port):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve(client, to_client):
        server, to_server = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(relay(client, to_server), relay(server, to_client))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    os._exit(0)


async def relay(source, target):
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
    target.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
