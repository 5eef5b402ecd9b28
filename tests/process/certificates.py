"""Creates authorities and certificates with the program openssl."""

import subprocess

from program import DEADLINE_S

# Configuration of `openssl ca`, the only command with an option for the start
# of validity.
CA_CONFIG = """\
[ca]
default_ca = any
[any]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any_policy
[any_policy]
commonName = supplied
"""


class Certificates:
    """Creates NAME.pem and NAME.key in the folder of a test."""

    def openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self.folder, check=True,
                       capture_output=True, timeout=DEADLINE_S)

    def make_authority(self, name):
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                     "-keyout", f"{name}.key", "-out", f"{name}.pem",
                     "-subj", f"/CN={name}")

    def make_request(self, name):
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout",
                     f"{name}.key", "-out", f"{name}.csr", "-subj",
                     f"/CN={name}")

    def make_certificate(self, name, authority, *args):
        self.make_request(name)
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA",
                     f"{authority}.pem", "-CAkey", f"{authority}.key",
                     "-CAcreateserial", "-out", f"{name}.pem", *args)

    def make_future_certificate(self, name, authority):
        """Creates a certificate that is valid only in the year 2098."""
        self.make_request(name)
        (self.folder / "ca.cnf").write_text(CA_CONFIG, encoding="ascii")
        (self.folder / "index.txt").touch()
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr",
                     "-cert", f"{authority}.pem", "-keyfile",
                     f"{authority}.key", "-out", f"{name}.pem", "-notext",
                     "-startdate", "20980101000000Z",
                     "-enddate", "20981231000000Z")
