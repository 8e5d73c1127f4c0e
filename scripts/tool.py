"""Runs a tool, after installing it into `.tools/` if need be: `tool.py cargo-lambda|sam|cfn-lint|
checkov|schemathesis|openapi-spec-validator|openapi-python-client …`"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
CARGO_LAMBDA = "1.9.2"
SAM = "1.170.0"
CFN_LINT = "1.58.0"
CHECKOV = "3.3.30"
ZIG = "0.15.2"
SCHEMATHESIS = "4.32.5"
SPEC_VALIDATOR = "0.9.0"
PYTHON_CLIENT = "0.29.1"


class ToolMissing(Exception):
    """A tool is not there and cannot be got; says what to do."""


def cargo_lambda():
    """The path of cargo-lambda: the user's own if it is recent enough."""
    own = shutil.which("cargo-lambda")
    if own and _version(own) >= (1, 9):
        return Path(own)
    # Without its dependencies: they are Zig, 450 MB that only a cross-compiler needs.
    folder = installed(
        f"cargo-lambda-{CARGO_LAMBDA}",
        ["--no-deps", f"cargo-lambda=={CARGO_LAMBDA}"],
        ["cargo", "install", "--locked", f"cargo-lambda@{CARGO_LAMBDA}"],
    )
    return folder / "bin" / "cargo-lambda"


def zig_folder():
    """The folder with the program `zig`."""
    own = shutil.which("zig")
    if own:
        return Path(own).parent
    return installed(f"ziglang-{ZIG}", [f"ziglang=={ZIG}"]) / "ziglang"


def command(name):
    """How to call a tool: the words that its arguments follow, and the environment."""
    env = dict(os.environ, SAM_CLI_TELEMETRY="0")
    if name == "cargo-lambda":
        return [str(cargo_lambda())], env
    python = "py{}.{}".format(*sys.version_info)
    if name == "checkov":
        # Apart from SAM: they want different versions of the same packages.
        packages = installed(f"checkov-{CHECKOV}-{python}", [f"checkov=={CHECKOV}"])
        env["PYTHONPATH"] = str(packages)
        # Otherwise it asks its maker's server about the checks, and waits when there is no network.
        env["BC_SKIP_MAPPING"] = "TRUE"
        return [sys.executable, str(packages / "bin" / "checkov"), "--skip-download"], env
    # `python` is Python with what a generated client imports.
    contract = {
        "schemathesis": ["-m", "schemathesis.cli"],
        "openapi-spec-validator": ["-m", "openapi_spec_validator"],
        "openapi-python-client": ["-m", "openapi_python_client"],
        "python": [],
    }
    if name in contract:
        packages = installed(
            f"contract-{SCHEMATHESIS}-{SPEC_VALIDATOR}-{PYTHON_CLIENT}-{python}",
            [
                f"schemathesis=={SCHEMATHESIS}",
                f"openapi-spec-validator=={SPEC_VALIDATOR}",
                f"openapi-python-client=={PYTHON_CLIENT}",
            ],
        )
        env["PYTHONPATH"] = str(packages)
        # The client's generator formats what it writes with `ruff`.
        env["PATH"] = os.pathsep.join([str(packages / "bin"), env.get("PATH", "")])
        return [sys.executable, *contract[name]], env
    packages = installed(
        f"sam-{SAM}-{CFN_LINT}-{python}", [f"aws-sam-cli=={SAM}", f"cfn-lint=={CFN_LINT}"]
    )
    env["PYTHONPATH"] = str(packages)
    words = {"sam": ["-m", "samcli"], "cfn-lint": [str(packages / "bin" / "cfn-lint")]}
    return [sys.executable, *words[name]], env


def _version(program):
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()


def installed(name, requirements, from_source=None):
    """A folder with what pip (or else cargo) brought. Several processes may ask at once: each
    fills a folder of its own, and the first to finish gives it the name."""
    final = TOOLS / name
    if final.exists():
        return final
    TOOLS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
        fresh = Path(scratch) / "new"
        pip = _pip(scratch)
        if pip:
            print(f"Installing {' '.join(requirements)} into .tools/ …", file=sys.stderr, flush=True)
            install = [*pip, "install", "--quiet", "--no-warn-conflicts", "--target", str(fresh)]
            install += requirements
        elif from_source:
            print(
                "No pip here, so cargo compiles cargo-lambda, which takes many minutes; a package"
                " like python3-pip or python3-venv makes that seconds …",
                file=sys.stderr,
                flush=True,
            )
            install = [*from_source, "--root", str(fresh)]
        else:
            raise ToolMissing("pip is missing: install python3-pip or python3-venv")
        # Settings of the user's that --target cannot be combined with.
        env = dict(os.environ, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
        env.update(PIP_ROOT_USER_ACTION="ignore", PIP_DISABLE_PIP_VERSION_CHECK="1")
        if subprocess.run(install, env=env, stdin=subprocess.DEVNULL).returncode != 0:
            raise ToolMissing(f"could not install {requirements[-1]}; see above")
        try:
            fresh.rename(final)
        except OSError:
            if not final.exists():
                raise
    return final


def _pip(scratch):
    """How to call pip: Python's own, or that of a new virtual environment, or not at all."""
    own = [sys.executable, "-m", "pip"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.run([*own, "--version"], **quiet).returncode == 0:
        return own
    venv = Path(scratch) / "venv"
    if subprocess.run([sys.executable, "-m", "venv", str(venv)], **quiet).returncode == 0:
        return [str(venv / "bin" / "python"), "-m", "pip"]
    return None


def main():
    try:
        words, env = command(sys.argv[1])
    except ToolMissing as missing:
        sys.exit(str(missing))
    except KeyboardInterrupt:
        sys.exit(130)
    os.execve(words[0], [*words, *sys.argv[2:]], env)


if __name__ == "__main__":
    main()
