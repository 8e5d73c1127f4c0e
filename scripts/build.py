"""`make build`: runs `sam build` and checks that Lambda can start the binary, which SAM does not."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

# The version in Amazon Linux 2023, on which the runtime `provided.al2023` is based.
LAMBDA_GLIBC = (2, 34)
TARGETS = {"arm64": "aarch64-unknown-linux-gnu", "x86_64": "x86_64-unknown-linux-gnu"}
BOOTSTRAP = Path(".aws-sam/build/Function/bootstrap")


def main():
    arch = os.environ.get("ARCH") or "arm64"
    if arch not in TARGETS:
        sys.exit(f"ARCH={arch} is neither arm64 nor x86_64")
    own = platform.machine().replace("aarch64", "arm64")
    path = [".tools/cargo-lambda/bin"]
    # Only Zig can link a binary for another system or architecture.
    if os.environ.get("ZIG") or (platform.system(), own) != ("Linux", arch):
        check_target(TARGETS[arch], own)
        subprocess.run(["make", "--silent", ".tools/zig/.installed"], check=True)
        path += Path(".tools/zig").glob("lib/python*/site-packages/ziglang")
    else:
        os.environ["CARGO_LAMBDA_COMPILER"] = "cargo"
    env = dict(os.environ, PATH=os.pathsep.join([*map(os.path.abspath, path), os.environ["PATH"]]))
    build = [".tools/sam/bin/sam", "build", "--parameter-overrides", f"Architecture={arch}"]
    if subprocess.run(build, env=env).returncode != 0:
        sys.exit("sam build failed; see above")
    check_glibc(arch)


def check_target(target, own):
    """Exits if the target's standard library is missing. Only users change their own toolchain."""
    command = ["rustc", "--print", "target-libdir", "--target", target]
    folder = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if not folder or not Path(folder).is_dir():
        sys.exit(
            f"Rust's standard library for {target} is missing: install it with `rustup target add"
            f" {target}`, or build for this machine's architecture with `make build ARCH={own}`"
        )


def check_glibc(arch):
    """Exits if the binary needs a newer C library than Lambda has: it would not start there."""
    code = BOOTSTRAP.read_bytes()
    names = re.findall(rb"GLIBC_(\d+)\.(\d+)", code)
    needed = max((tuple(map(int, name)) for name in names), default=(0, 0))
    print(f"{BOOTSTRAP}, {len(code):,} bytes, needs glibc {needed[0]}.{needed[1]}", flush=True)
    if needed > LAMBDA_GLIBC:
        sys.exit(
            "Lambda has glibc {}.{}; link against an older version with Zig:".format(*LAMBDA_GLIBC)
            + f" make build ARCH={arch} ZIG=1"
        )


if __name__ == "__main__":
    main()
