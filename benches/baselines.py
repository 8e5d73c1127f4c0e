"""The baselines in Python and Node: installs what they need and says how each is started.

Each function returns a command and the variables that it needs, for a process that speaks the
Lambda Runtime API. What Lambda itself would set is the caller's to add: `AWS_LAMBDA_RUNTIME_API`,
the credentials, and the region as `AWS_REGION` and, for boto3, as `AWS_DEFAULT_REGION`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / "baselines"
sys.path.insert(0, str(HERE.parent.parent / "scripts"))
import tool  # noqa: E402

NODE = 20


def flask():
    """The article's service, under AWS's own runtime client: ready-made for Linux with Python 3.10
    or newer. It crashes when the Runtime API hands out an event without a `Content-Type`."""
    wanted = (HERE / "flask" / "requirements.txt").read_text()
    python = "py{}.{}".format(*sys.version_info)
    packages = tool.installed(f"flask-{_hash(wanted)}-{python}", wanted.split())
    path = os.pathsep.join([str(HERE / "flask"), str(packages)])
    command = [sys.executable, "-m", "awslambdaric", "app.lambda_handler"]
    return command, {"PYTHONPATH": path}


def node():
    """The reading of one task, bundled anew each time; the packages stay."""
    program = _node()
    folder = _packages()
    shutil.copyfile(HERE / "node" / "index.mjs", folder / "index.mjs")
    words = [program, "node_modules/esbuild/bin/esbuild", "index.mjs", "--outfile=bundle.mjs"]
    words += ["--bundle", "--minify", "--platform=node", "--target=node20", "--format=esm"]
    # The SDK's own ES modules: its CommonJS fails inside of one, and cannot shed what is unused.
    words += ["--main-fields=module,main", "--log-level=warning"]
    if subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL).returncode != 0:
        raise tool.ToolMissing("esbuild could not bundle the Node baseline; see above")
    return [program, str(folder / "bundle.mjs")], {}


def _node():
    program = shutil.which("node")
    ask = [program, "--version"]
    said = subprocess.run(ask, capture_output=True, text=True).stdout if program else ""
    found = re.match(r"v(\d+)", said)
    if not found or int(found[1]) < NODE or not shutil.which("npm"):
        raise tool.ToolMissing(f"needs Node {NODE} or newer with npm: install nodejs and npm")
    return program


def _packages():
    """A folder with the packages that package-lock.json names, as a whole or not at all, also when
    several processes ask at once."""
    lock = HERE / "node" / "package-lock.json"
    final = tool.TOOLS / f"node-{_hash(lock.read_text())}"
    if final.exists():
        return final
    tool.TOOLS.mkdir(exist_ok=True)
    print("Installing the Node baseline's packages into .tools/ …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=tool.TOOLS) as scratch:
        fresh = Path(scratch) / "new"
        fresh.mkdir()
        for name in (lock.name, "package.json"):
            shutil.copyfile(HERE / "node" / name, fresh / name)
        words = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        # Its summary goes to stderr: stdout is the benchmark's own.
        done = subprocess.run(words, cwd=fresh, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if done.returncode != 0:
            raise tool.ToolMissing("npm could not install the Node baseline's packages; see above")
        try:
            fresh.rename(final)
        except OSError:
            if not final.exists():
                raise
    return final


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:12]
