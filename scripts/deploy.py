"""`make deploy`: asks for the settings, builds the function and deploys the stack with SAM.
`make logs`, `destroy` and `set-password` act on the deployed stack. All run in SAM's environment.

The answers are saved in `.deploy.json`, which git ignores, and not asked for again. SET="Name=value …"
changes them, ASK=1 asks again, NEW_CODE=1 asks for another registration code. The code is never
saved: an existing stack keeps its own. SAM's own prompts reject an empty answer to a hidden parameter.
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
ANSWERS = Path(os.environ.get("DEPLOY_ANSWERS") or ".deploy.json")
TEMPLATE = Path("template.yaml")
CODE = "RegistrationCode"
# All other parameters are changed with SET.
FIRST_QUESTIONS = ("Registration", "AlarmEmail", "PublicUrl", "CorsOrigins")


class DeployError(Exception):
    """The reason why a command cannot continue."""


def deploy():
    environment, terminal = os.environ, sys.stdin.isatty()
    known = parameters()
    answers = load_answers()
    first = "parameters" not in answers
    if first:
        answers["stack"] = environment.get("STACK") or answers.get("stack") or "todo-api"
        answers["region"] = environment.get("REGION") or answers.get("region") or default_region()
    settings = answers.setdefault("parameters", {})
    # A code is needed when Registration becomes `code`, and when NEW_CODE asks for one.
    mode_before = settings.get("Registration")
    changes = parse_settings(environment.get("SET", ""), known)
    code = changes.pop(CODE, None) or environment.get("REGISTRATION_CODE") or None
    settings.update(changes)
    if environment.get("ARCH"):
        settings["Architecture"] = environment["ARCH"]
    settings.setdefault("Architecture", known["Architecture"])
    if terminal and (first or environment.get("ASK")):
        ask(answers, known)
    if not answers["region"]:
        raise DeployError("no region is set: make deploy REGION=eu-central-1")
    refuse_failed_stack(answers)
    new = mode_before != "code" or environment.get("NEW_CODE")
    if settings.get("Registration") == "code" and not code and new:
        if not terminal:
            raise DeployError("Registration=code needs REGISTRATION_CODE in the environment")
        code = ask_code()
    if code:
        # A random id, which changes the revision without saving the code.
        answers["code_id"] = secrets.token_hex(8)
    run("make", "build", f"ARCH={settings['Architecture']}")
    if first:
        # `make destroy` has to know the stack even if its first deployment fails.
        save({name: answers[name] for name in ("stack", "region")})
    # As a parameter, a digest of the binary and the settings makes each change a canary.
    state = BOOTSTRAP.read_bytes() + json.dumps(answers, sort_keys=True).encode()
    try:
        run_sam(answers, {**settings, "Revision": hashlib.sha256(state).hexdigest()[:20]}, code)
    except DeployError:
        refuse_failed_stack(answers)
        raise
    # Saved only after success, so that a failed deployment does not change the saved answers.
    save(answers)


def refuse_failed_stack(answers):
    """AWS does not update a stack whose creation has failed."""
    status = describe(answers["stack"], answers["region"]).get("StackStatus", "")
    if status.startswith(("ROLLBACK_", "CREATE_FAILED", "DELETE_FAILED")):
        raise DeployError(
            f"the first deployment of {answers['stack']} has failed ({status}), and AWS does not update"
            " what is left of it: delete that with `make destroy`, then run `make deploy` again"
        )


def aws(region):
    import boto3

    return boto3.Session(region_name=region)


def describe(name, region):
    """The stack; empty when there is none, or when it cannot be read, which SAM will explain."""
    try:
        return aws(region).client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except Exception:
        return {}


def save(answers):
    ANSWERS.write_text(json.dumps(answers, indent=2) + "\n")


def parameters():
    """The template's parameters and their defaults, parsed without a YAML library to install."""
    section = TEMPLATE.read_text().partition("\nParameters:\n")[2]
    section = re.split(r"^\S", section, maxsplit=1, flags=re.M)[0]
    found = {}
    for block in re.split(r"^  (?=\w)", section, flags=re.M)[1:]:
        default = re.search(r'^    Default: "?(.*?)"?$', block, re.M)
        found[block.partition(":")[0]] = default[1] if default else ""
    return found


def load_answers():
    try:
        return json.loads(ANSWERS.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise DeployError(f"{ANSWERS.name} is not valid JSON; delete it to start over") from None


def default_region():
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def parse_settings(words, known):
    """The parameters in SET, such as `Registration=closed MemorySize=1024`."""
    found = {}
    for word in words.split():
        name, equals, value = word.partition("=")
        if not equals or name not in known or name == "Revision":
            names = ", ".join(name for name in known if name != "Revision")
            raise DeployError(f"SET: {word} is not one of {names} followed by = and a value")
        found[name] = value
    return found


def ask(answers, known):
    print("Press Enter to accept the value in brackets. docs/deploy.md explains every setting.")
    settings = answers["parameters"]
    answers["stack"] = prompt("Name of the stack", answers["stack"])
    answers["region"] = prompt("AWS region", answers["region"])
    for name in FIRST_QUESTIONS:
        settings[name] = prompt(name, settings.get(name, known[name]))


def prompt(name, default):
    return input(f"  {name} [{default}]: ").strip() or default


def ask_code():
    given = getpass.getpass("  RegistrationCode (hidden; press Enter to generate one): ").strip()
    if given:
        return given
    generated = secrets.token_urlsafe(18)
    print(f"  RegistrationCode is {generated} - it is shown only once and not saved")
    return generated


def run_sam(answers, settings, code):
    # A file, because other users of this machine can see the arguments of a process.
    with tempfile.TemporaryDirectory() as folder:
        values = os.path.join(folder, "parameters.yaml")
        given = {**settings, CODE: code} if code else settings
        # JSON is valid YAML, and SAM accepts the extension .yaml but not .json.
        with open(os.open(values, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            json.dump({name: str(value) for name, value in given.items()}, file)
        options = ["--stack-name", answers["stack"], "--region", answers["region"]]
        options += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
        # A deployment without changes is not an error.
        options += ["--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{values}"]
        run(SAM, "deploy", *options)


def run(program, command, *options):
    if subprocess.run([program, command, *options]).returncode != 0:
        raise DeployError(f"{Path(program).name} {command} failed; see above")


def stack_and_region():
    """The stack's name and region, from the environment or from the last deployment."""
    answers = load_answers()
    name = os.environ.get("STACK") or answers.get("stack")
    region = os.environ.get("REGION") or answers.get("region") or default_region()
    if not name or not region:
        raise DeployError("nothing was deployed from here; set STACK=… and REGION=…")
    return name, region


def logs():
    name, region = stack_and_region()
    group = f"/aws/lambda/{name}"
    print(f"Following {group}; Ctrl-C stops", flush=True)
    run(SAM, "logs", "--cw-log-group", group, "--region", region, "--tail")


def destroy():
    name, region = stack_and_region()
    print(
        f"This deletes the stack {name} in {region}: the API, the function, its logs and alarms.\n"
        "The template retains the table with its data, and AWS continues to charge for the storage.\n"
        "DynamoDB refuses to delete the table while DeletionProtection is true. docs/deploy.md\n"
        "explains how to find and delete it."
    )
    if not sys.stdin.isatty():
        raise DeployError("deleting needs a confirmation, and there is no terminal")
    if input("Type the stack's name to delete it: ").strip() != name:
        raise DeployError("the name does not match; nothing deleted")
    run(SAM, "delete", "--stack-name", name, "--region", region, "--no-prompts")
    ANSWERS.unlink(missing_ok=True)


def set_password():
    name, region = stack_and_region()
    table = [output for output in describe(name, region).get("Outputs", ()) if output["OutputKey"] == "TableName"]
    if not table:
        raise DeployError(f"there is no stack {name} in {region}, or you may not read it")
    keys = aws(region).get_credentials().get_frozen_credentials()
    # The program takes everything from its environment. It knows no profiles.
    os.environ |= {
        "TABLE_NAME": table[0]["OutputValue"],
        "AWS_ENDPOINT_URL_DYNAMODB": aws(region).client("dynamodb").meta.endpoint_url,
        "AWS_REGION": region,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token or "",
    }
    sys.exit(subprocess.run(sys.argv[2:]).returncode)


if __name__ == "__main__":
    command = sys.argv[1]
    try:
        {"deploy": deploy, "logs": logs, "destroy": destroy, "set-password": set_password}[command]()
    except DeployError as error:
        sys.exit(f"make {command}: {error}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(f"\nmake {command}: interrupted")
