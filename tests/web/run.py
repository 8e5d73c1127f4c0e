"""`make test-web`: tests the web client in headless Chromium and Firefox, against services that `make run`
starts, and its pure modules in Node.

It installs missing tools if it can, and otherwise names the packages to install.
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
# What depends on the browser: layout, focus, dates, storage.
IN_FIREFOX = ["list.test.js", "looks.test.js", "order.test.js", "tasks.test.js"]
# The tests register many users from one address.
GENEROUS = {"LOGIN_FAILURES_PER_USER": "1000", "REGISTRATIONS_PER_HOUR": "1000"}
STRICT = {
    "REGISTRATION": "code",
    "REGISTRATION_CODE": "open sesame",
    "LOGIN_FAILURES_PER_USER": "2",
    "AUTH_FAILURE_STATUS": "403",
}


def main():
    # `sys.exit` leaves the `with` blocks, which stop the services.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    start = time.monotonic()
    node = find_node()
    chromium = find_browser("CHROMIUM", "chromium", ["chromium", "chromium-browser", "google-chrome"])
    firefox = find_browser("FIREFOX", "firefox-esr", ["firefox-esr"], needed=False)
    install_modules()
    screenshots = "--screenshots" in sys.argv[1:]
    files = ["screenshots.js"] if screenshots else sorted(HERE.glob("*.test.js"))
    if not screenshots:
        run([node, "--test", *sorted((HERE / "pure").glob("*.test.js"))], os.environ, start)
    with tempfile.TemporaryDirectory() as folder:
        with Service(Path(folder) / "todo.db", **GENEROUS) as generous:
            with Service(Path(folder) / "strict.db", **STRICT) as strict:
                env = dict(os.environ, CHROMIUM=chromium, FIREFOX=firefox or "")
                env["SERVICE"] = f"http://localhost:{generous.port}"
                env["STRICT_SERVICE"] = f"http://localhost:{strict.port}"
                words = [node] if screenshots else [node, "--test", "--test-reporter=spec"]
                run([*words, *files], env, start, times=1 if screenshots else 2)
                if firefox and not screenshots:
                    print("The same in Firefox:", flush=True)
                    run([*words, *(HERE / name for name in IN_FIREFOX)], env | {"BROWSER": "firefox"}, start, times=2)
    seconds = time.monotonic() - start
    what = "the screenshots are in docs/img" if screenshots else "the web client passes"
    print(f"make test-web: {what} ({seconds:.0f} s)")
    if not firefox and not screenshots:
        print("make test-web: NOT tested in Firefox; install firefox-esr, or set FIREFOX=/path/to/firefox")


def run(words, env, start, times=1):
    """A fault in the client fails each time. A browser on a busy machine may fail once."""
    for left in reversed(range(times)):
        if subprocess.run(words, cwd=HERE, env=env).returncode == 0:
            return
        if left:
            print("make test-web: tests FAILED, see above; all of them run once more", flush=True)
    sys.exit(f"make test-web: FAILED after {time.monotonic() - start:.0f} s; see above")


def find_node():
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    found = re.match(r"v(\d+)", version)
    if not found or int(found[1]) < NODE or not shutil.which("npm"):
        sys.exit(f"make test-web: needs Node {NODE} or newer with npm; install nodejs and npm")
    return node


def find_browser(variable, package, names, needed=True):
    """The path of the system's browser. Playwright's downloads do not support every system that we do."""
    configured = os.environ.get(variable)
    for name in [configured] if configured else names:
        if path := shutil.which(name):
            return path
    if not configured and os.geteuid() == 0 and shutil.which("apt-get") and debian():
        print(f"Installing {package} with apt-get …", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
            if subprocess.run(["apt-get", "-qq", *words], env=env, stdout=subprocess.DEVNULL).returncode and needed:
                sys.exit(f"make test-web: apt-get could not install {package}; see above")
        return shutil.which(package)
    if needed:
        sys.exit(f"make test-web: needs {package}; install it, or set {variable}=/path/to/it")
    return None


def debian():
    """Whether apt's package `chromium` is a browser. Ubuntu's package only refers to Snap."""
    release = Path("/etc/os-release")
    return release.exists() and re.search(r"^ID=debian$", release.read_text(), re.M)


def install_modules():
    """Installs the packages of package-lock.json, unless these versions are installed already."""
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
