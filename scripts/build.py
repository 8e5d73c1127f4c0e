"""`make build`: the function for AWS by `sam build`, and a check that Lambda can start it."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import tool

# What Amazon Linux 2023 has, the system under `provided.al2023`.
LAMBDA_GLIBC = (2, 34)
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
BOOTSTRAP = tool.ROOT / ".aws-sam" / "build" / "Function" / "bootstrap"


def main():
    arch = os.environ.get("ARCH", "arm64")
    if arch not in TARGETS:
        sys.exit(f"ARCH={arch} is neither arm64 nor x86_64")
    try:
        words, env = tool.command("sam")
        path = [str(tool.cargo_lambda().parent)]
        if needs_zig(arch):
            ask_for_target(TARGETS[arch])
            path.append(str(tool.zig_folder()))
        else:
            env["CARGO_LAMBDA_COMPILER"] = "cargo"
    except tool.ToolMissing as missing:
        sys.exit(str(missing))
    env["PATH"] = os.pathsep.join([*path, env["PATH"]])
    build = [*words, "build", "--parameter-overrides", f"Architecture={arch}"]
    if subprocess.run(build, env=env, cwd=tool.ROOT).returncode != 0:
        sys.exit("sam build failed; see above")
    check_glibc(BOOTSTRAP, arch)


def needs_zig(arch):
    """Without Zig only the machine's own kind of binary can be linked."""
    native = platform.system() == "Linux" and machine() == arch
    return not native or os.environ.get("ZIG", "") not in ("", "0")


def machine():
    name = platform.machine().lower()
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(name, name)


def ask_for_target(target):
    """Rust's own library for the target. It would go into the user's toolchain, outside of this
    folder, so getting it is left to the user."""
    ask = ["rustc", "--print", "target-libdir", "--target", target]
    folder = subprocess.run(ask, capture_output=True, text=True, cwd=tool.ROOT).stdout.strip()
    if not folder or not Path(folder).is_dir():
        raise tool.ToolMissing(
            f"Rust has no library for {target}: `rustup target add {target}` gets it;"
            f" `make build ARCH={machine()}` builds for a processor like this machine's"
        )


def check_glibc(binary, arch):
    """Fails if the binary wants a newer C library than Lambda has: it would not start there."""
    names = re.findall(rb"GLIBC_(\d+)\.(\d+)", binary.read_bytes())
    needed = max((tuple(map(int, name)) for name in names), default=(0, 0))
    needs = f"{binary.relative_to(tool.ROOT)}, {binary.stat().st_size:,} bytes, needs glibc {{}}.{{}}"
    print(needs.format(*needed), flush=True)
    if needed > LAMBDA_GLIBC:
        sys.exit(
            "Lambda has glibc {}.{}; link with Zig, which knows older ones:".format(*LAMBDA_GLIBC)
            + f" make build ARCH={arch} ZIG=1"
        )


if __name__ == "__main__":
    main()
