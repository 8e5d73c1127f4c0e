"""What Cargo says the package is made of."""

import json
import subprocess

import tool


def graph(*words):
    """`cargo metadata` with `words`: packages by id, and for each the ids that it is linked with.
    Build scripts, macros' own needs and test code are not followed from it."""
    ask = ["cargo", "metadata", "--format-version", "1", "--locked", *words]
    said = subprocess.run(ask, cwd=tool.ROOT, stdout=subprocess.PIPE, check=True).stdout
    metadata = json.loads(said)
    packages = {package["id"]: package for package in metadata["packages"]}
    linked = {
        node["id"]: sorted(
            dependency["pkg"]
            for dependency in node["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        )
        for node in metadata["resolve"]["nodes"]
    }
    root = metadata["resolve"]["root"]
    return packages, linked, root


def reachable(linked, root):
    found, ahead = {root}, [root]
    while ahead:
        fresh = set(linked[ahead.pop()]) - found
        found |= fresh
        ahead += fresh
    return found


def licence(package):
    """As SPDX has it; some crates write `/` for OR."""
    return " OR ".join(part.strip() for part in (package["license"] or "").split("/"))
