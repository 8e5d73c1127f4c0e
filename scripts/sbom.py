"""`make sbom`: a bill of materials of the deployed binary, CycloneDX 1.5, into `target/sbom.json`."""

import json
import re

import crates
import tool

FILE = tool.ROOT / "target" / "sbom.json"
TARGET = "aarch64-unknown-linux-gnu"


def main():
    packages, linked, root = crates.graph("--filter-platform", TARGET)
    inside = sorted(crates.reachable(linked, root) - {root})
    lock = (tool.ROOT / "Cargo.lock").read_text()
    sums = {
        (name, version): digest
        for name, version, digest in re.findall(
            r'name = "(.+)"\nversion = "(.+)"\nsource = .+\nchecksum = "(.+)"', lock
        )
    }
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**component(packages[root], sums), "type": "application"}},
        "components": [component(packages[id], sums) for id in inside],
        "dependencies": [
            {"ref": purl(packages[id]), "dependsOn": [purl(packages[need]) for need in linked[id]]}
            for id in [root, *inside]
        ],
    }
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(bill, indent=1) + "\n")
    print(f"{FILE.relative_to(tool.ROOT)}: {len(inside)} crates")


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, sums):
    found = {
        "type": "library",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "purl": purl(package),
        "licenses": [{"expression": crates.licence(package)}],
    }
    digest = sums.get((package["name"], package["version"]))
    if digest:
        found["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return found


if __name__ == "__main__":
    main()
