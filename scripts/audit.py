"""`make audit`: what the dependencies are, may be and have been found guilty of.

A tool that is not installed is named in one line and the rest runs; with STRICT=1, as in CI, a
missing one is a failure. `audit.py --wanted` names the tools for a CI step that has binaries of them.
"""

import os
import re
import shutil
import subprocess
import sys

import crates
import tool

WANTED = {"cargo-deny": "0.20.2", "cargo-machete": "0.9.2"}

def main():
    if sys.argv[1:] == ["--wanted"]:
        print("tools=" + ",".join(f"{name}@{version}" for name, version in WANTED.items()))
        return
    strict = os.environ.get("STRICT", "") not in ("", "0")
    checks = {"cargo-deny": deny, "cargo-machete": machete}
    missing, failed = [], []
    for name, check in checks.items():
        if shutil.which(name):
            check(missing, failed)
        else:
            get = f"cargo install --locked {name}@{WANTED[name]}"
            missing.append(f"{name} is not installed ({get}, or its package)")
    if not shutil.which("cargo-deny"):
        by_metadata(failed)
    for line in missing:
        print(f"make audit: not checked: {line}")
    for line in failed:
        print(f"make audit: {line}")
    if failed or (missing and strict):
        sys.exit(1)
    print("make audit: nothing found" + (" in what was checked" if missing else ""))


def run(*words, **options):
    print("$", *words, flush=True)
    return subprocess.run(words, cwd=tool.ROOT, **options).returncode == 0


def deny(missing, failed):
    # Everything that is compiled anywhere has to be allowed; what is banned, in what is deployed.
    checks = [["--all-features", "check", "licenses", "sources"], ["check", "bans"]]
    if run("cargo", "deny", "fetch", "db", capture_output=True):
        checks.append(["--all-features", "check", "advisories"])
    else:
        missing.append("advisories, because their database cannot be had (no network?)")
    for words in checks:
        if not run("cargo", "deny", *words):
            failed.append(f"cargo deny {' '.join(words)} has found something; see above")


def machete(_, failed):
    if not run("cargo", "machete"):
        failed.append("cargo machete has found dependencies that nothing uses; see above")


def by_metadata(failed):
    """Licences, sources and bans of deny.toml without cargo-deny, by what Cargo itself says."""
    rules = (tool.ROOT / "deny.toml").read_text()
    allowed = set(re.findall(r'"(.+?)"', re.search(r"^allow = \[(.+?)\]", rules, re.M)[1]))
    banned = set(re.findall(r'crate = "(.+?)"', rules))
    packages, _, root = crates.graph("--all-features")
    del packages[root]
    for package in packages.values():
        name = f"{package['name']} {package['version']}"
        if not permitted(crates.licence(package), allowed):
            failed.append(f"{name} has the licence {package['license']}, which deny.toml lacks")
        if not (package["source"] or "").endswith("/crates.io-index"):
            failed.append(f"{name} comes from {package['source']}")
    deployed, linked, root = crates.graph()
    for id in crates.reachable(linked, root):
        if deployed[id]["name"] in banned:
            failed.append(f"{deployed[id]['name']} is banned from what is deployed, see deny.toml")
    print(f"Cargo's metadata: licences, sources and bans of {len(packages)} crates looked at")


def permitted(expression, allowed):
    """Whether an SPDX expression can be met with the licences allowed."""
    words = re.findall(r"[()]|[^()\s]+(?: WITH \S+)?", expression)

    def either():
        found = both()
        while words[:1] == ["OR"]:
            del words[0]
            found = both() or found
        return found

    def both():
        found = one()
        while words[:1] == ["AND"]:
            del words[0]
            found = one() and found
        return found

    def one():
        word = words.pop(0) if words else ""
        if word != "(":
            return word in allowed
        found = either()
        return words.pop(0) == ")" and found

    return either() and not words


if __name__ == "__main__":
    main()
