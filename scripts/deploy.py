"""`make deploy`: asks what has to be known, builds, and puts the stack on AWS. `make logs` and
`make destroy`: what is done to it afterwards.

The answers are kept in `.deploy.json`, which git ignores, and not asked for again. SET="Name=value …"
changes them, ASK=1 asks again, NEW_CODE=1 asks for another registration code. The code is never
kept: a stack that is there goes on with the one it has. SAM's own questions are not used, because
they refuse an empty answer to a hidden parameter, and stop the deployment when one takes the default
of "no authentication. Is this okay?".
"""

import getpass
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from build import BOOTSTRAP

SAM = ".tools/sam/bin/sam"
ANSWERS = Path(".deploy.json")
TEMPLATE = Path("template.yaml")
CODE = "RegistrationCode"
# Not asked for: whoever needs them says SET.
FIRST_QUESTIONS = ("Registration", "AlarmEmail", "PublicUrl", "CorsOrigins")


class Refused(Exception):
    """It cannot be deployed so; says why."""


def deploy():
    environment, terminal = os.environ, sys.stdin.isatty()
    known = parameters()
    answers = remembered()
    first = not answers
    answers.setdefault("stack", environment.get("STACK") or "todo-api")
    answers.setdefault("region", environment.get("REGION") or default_region())
    settings = answers.setdefault("parameters", {})
    # A code is wanted when registration begins to be by code, or somebody gives a new one.
    mode_before = settings.get("Registration")
    changes = changed(environment.get("SET", ""), known)
    code = changes.pop(CODE, None) or environment.get("REGISTRATION_CODE") or None
    settings.update(changes)
    if environment.get("ARCH"):
        settings["Architecture"] = environment["ARCH"]
    settings.setdefault("Architecture", known["Architecture"])
    if terminal and (first or environment.get("ASK")):
        ask(answers, known)
    if not answers["region"]:
        raise Refused("say which region: make deploy REGION=eu-central-1")
    new = mode_before != "code" or environment.get("NEW_CODE")
    if settings.get("Registration") == "code" and not code and new:
        if not terminal:
            raise Refused("Registration=code needs REGISTRATION_CODE in the environment")
        code = new_code()
    if code:
        # Only the fact that it is a new one is kept.
        answers["code_drawn"] = secrets.token_hex(8)
    run("make", "build", f"ARCH={settings['Architecture']}")
    revision = digest(answers)
    run_sam(answers, {**settings, "Revision": revision}, code)
    # Kept only now: what has failed is asked for or said again.
    ANSWERS.write_text(json.dumps(answers, indent=2) + "\n")


def parameters():
    """The template's parameters and their defaults. Read line by line, without a YAML library, and
    CloudFormation checks the values."""
    section = TEMPLATE.read_text().partition("\nParameters:\n")[2]
    section = re.split(r"^\S", section, maxsplit=1, flags=re.M)[0]
    found = {}
    for block in re.split(r"^  (?=\w)", section, flags=re.M)[1:]:
        default = re.search(r'^    Default: "?(.*?)"?$', block, re.M)
        found[block.partition(":")[0]] = default[1] if default else ""
    return found


def remembered():
    try:
        return json.loads(ANSWERS.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Refused(f"{ANSWERS.name} cannot be read; delete it to be asked again") from None


def default_region():
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def changed(words, known):
    """The parameters in SET, such as `Registration=closed MemorySize=1024`."""
    found = {}
    for word in words.split():
        name, equals, value = word.partition("=")
        if not equals or name not in known or name == "Revision":
            names = ", ".join(name for name in known if name != "Revision")
            raise Refused(f"SET: {word} is not one of {names} with = and a value")
        found[name] = value
    return found


def ask(answers, known):
    print("Enter takes what is in brackets. docs/deploy.md explains every setting.")
    settings = answers["parameters"]
    answers["stack"] = question("Name of the stack", answers["stack"])
    answers["region"] = question("AWS region", answers["region"])
    for name in FIRST_QUESTIONS:
        settings[name] = question(name, settings.get(name, known[name]))


def question(name, default):
    return input(f"  {name} [{default}]: ").strip() or default


def new_code():
    given = getpass.getpass("  RegistrationCode (hidden; Enter draws one): ").strip()
    if given:
        return given
    drawn = secrets.token_urlsafe(18)
    print(f"  RegistrationCode is {drawn} - it is shown this once and kept nowhere here")
    return drawn


def digest(answers):
    """Differs whenever the code or a setting does: SAM makes a new version of the function only for
    a new one, and by itself it does not see a changed setting."""
    together = hashlib.sha256(BOOTSTRAP.read_bytes())
    together.update(json.dumps(answers, sort_keys=True).encode())
    return together.hexdigest()[:20]


def run_sam(answers, settings, code):
    # A file, so that no other user of this machine sees the code among the processes.
    with tempfile.TemporaryDirectory() as folder:
        values = os.path.join(folder, "parameters.yaml")
        given = {**settings, CODE: code} if code else settings
        # JSON is YAML too, the only name of the two that SAM takes.
        with open(os.open(values, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            json.dump({name: str(value) for name, value in given.items()}, file)
        words = ["--stack-name", answers["stack"], "--region", answers["region"]]
        words += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
        # Settings that have not changed are no failure.
        words += ["--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{values}"]
        run(SAM, "deploy", *words)


def run(program, verb, *words):
    if subprocess.run([program, verb, *words]).returncode != 0:
        raise Refused(f"{Path(program).name} {verb} failed; see above")


def stack():
    """Its name and region, from the environment or from the last deployment."""
    answers = remembered()
    name = os.environ.get("STACK") or answers.get("stack")
    where = os.environ.get("REGION") or answers.get("region") or default_region()
    if not name or not where:
        raise Refused("nothing was deployed from here; say STACK=… and REGION=…")
    return name, where


def logs():
    name, region = stack()
    group = f"/aws/lambda/{name}"
    print(f"{group}, as it grows, until Ctrl-C", flush=True)
    run(SAM, "logs", "--cw-log-group", group, "--region", region, "--tail")


def destroy():
    name, region = stack()
    print(
        f"This deletes the stack {name} in {region}: the API, the function, its logs and alarms.\n"
        "The table stays with all its data and goes on costing its storage: the template says\n"
        "Retain, and DynamoDB itself refuses to delete it while DeletionProtection is true.\n"
        "docs/deploy.md says how to find and delete it afterwards."
    )
    if not sys.stdin.isatty():
        raise Refused("asks before it deletes, and there is no terminal to ask on")
    if input("Type the stack's name to delete it: ").strip() != name:
        raise Refused("nothing deleted")
    run(SAM, "delete", "--stack-name", name, "--region", region, "--no-prompts")
    ANSWERS.unlink(missing_ok=True)


if __name__ == "__main__":
    verb = sys.argv[1]
    try:
        {"deploy": deploy, "logs": logs, "destroy": destroy}[verb]()
    except Refused as problem:
        sys.exit(f"make {verb}: {problem}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(f"\nmake {verb}: ended; nothing was done after that")
