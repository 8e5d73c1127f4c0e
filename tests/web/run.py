"""`make test-web`: the web client in headless Chromium, against services that `make run` starts.

Installs what is missing where it may; otherwise says what to install.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from service import Service

HERE = Path(__file__).resolve().parent
NODE = 18
# Tests are many users at one address.
GENEROUS = {"LOGIN_FAILURES_PER_USER": "1000", "REGISTRATIONS_PER_HOUR": "1000"}
STRICT = {
    "REGISTRATION": "code",
    "REGISTRATION_CODE": "open sesame",
    "LOGIN_FAILURES_PER_USER": "2",
    "AUTH_FAILURE_STATUS": "403",
}


def main():
    # So that the services end with this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    start = time.monotonic()
    node = find_node()
    chromium = find_chromium()
    install_modules()
    screenshots = "--screenshots" in sys.argv[1:]
    files = ["screenshots.js"] if screenshots else sorted(HERE.glob("*.test.js"))
    with tempfile.TemporaryDirectory() as folder:
        with Service(Path(folder) / "todo.db", **GENEROUS) as generous:
            with Service(Path(folder) / "strict.db", **STRICT) as strict:
                env = dict(os.environ, CHROMIUM=chromium)
                env["SERVICE"] = f"http://localhost:{generous.port}"
                env["STRICT_SERVICE"] = f"http://localhost:{strict.port}"
                words = [node] if screenshots else [node, "--test", "--test-reporter=spec"]
                done = subprocess.run([*words, *files], cwd=HERE, env=env)
    seconds = time.monotonic() - start
    if done.returncode != 0:
        sys.exit(f"make test-web: FAILED after {seconds:.0f} s; see above")
    what = "the screenshots are in docs/img" if screenshots else "the web client passes"
    print(f"make test-web: {what} ({seconds:.0f} s)")


def find_node():
    node = shutil.which("node")
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    found = re.match(r"v(\d+)", said)
    if not found or int(found[1]) < NODE or not shutil.which("npm"):
        sys.exit(f"make test-web: needs Node {NODE} or newer with npm; install nodejs and npm")
    return node


def find_chromium():
    """A Chromium of the system's: Playwright's own download is for other machines than ours."""
    own = os.environ.get("CHROMIUM")
    for name in [own] if own else ["chromium", "chromium-browser", "google-chrome"]:
        if path := shutil.which(name):
            return path
    if not own and os.geteuid() == 0 and shutil.which("apt-get") and debian():
        print("Installing chromium with apt-get …", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            if subprocess.run(["apt-get", "-qq", *words], env=env, stdout=subprocess.DEVNULL).returncode:
                sys.exit("make test-web: apt-get could not install chromium; see above")
        return shutil.which("chromium")
    sys.exit("make test-web: needs Chromium; install the package chromium, or set CHROMIUM=/its/path")


def debian():
    """Whether apt's package of that name is a browser; Ubuntu's is a hint at another installer."""
    release = Path("/etc/os-release")
    return release.exists() and re.search(r"^ID=debian$", release.read_text(), re.M)


def install_modules():
    """Unless they are there, as package-lock.json has them."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".of-this-lock"
    if installed.exists() and installed.read_bytes() == lock.read_bytes():
        return
    words = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if subprocess.run(words, cwd=HERE, stdin=subprocess.DEVNULL).returncode != 0:
        sys.exit("make test-web: npm could not install the packages of tests/web; see above")
    shutil.copyfile(lock, installed)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
