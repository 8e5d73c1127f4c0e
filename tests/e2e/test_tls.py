"""The function accepts DynamoDB's certificate only from known certificate authorities."""

import shutil
import tempfile
import unittest

import events
from engine import Engine, Tls
from environment import Environment
from runtime import build

CREDENTIALS = events.basic("nobody", "a password")


@unittest.skipUnless(shutil.which("openssl"), "needs openssl, to make a certificate")
class ServerCertificates(unittest.TestCase):
    def test_a_certificate_of_an_unknown_authority_is_rejected(self):
        service = build()
        build("--example", "engine")
        with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "a+b") as log:
            with Engine() as engine, Tls(engine, folder) as tls:
                unknown = {k: v for k, v in tls.variables.items() if k != "SSL_CERT_FILE"}
                for variables, expected in ((tls.variables, 401), (unknown, 503)):
                    with Environment([service], variables, log) as environment:
                        event = events.event("GET", "/tasks", CREDENTIALS)
                        response, _ = environment.invoke(event)
                        self.assertEqual(response["statusCode"], expected, response)
                log.seek(0)
                self.assertIn(b"invalid peer certificate", log.read())


if __name__ == "__main__":
    unittest.main()
