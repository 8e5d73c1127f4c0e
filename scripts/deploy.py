"""`make deploy`: asks for the settings, builds the function and deploys the stack with SAM.
`make logs`, `destroy` and `set-password` act on the deployed stack. All run in SAM's environment.

The answers are saved in `.deploy.json`, which git ignores, and not asked for again. SET="Name=value …"
changes them, ASK=1 asks again, NEW_CODE=1 generates another registration code. That is never saved.
"""

import contextlib
import hashlib
import importlib
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
CODE = "RegistrationCode"
FIRST_QUESTIONS = ("Registration", "AlarmEmail", "PublicUrl", "CorsOrigins")


class DeployError(Exception):
    """The reason why a command cannot continue."""


def deploy():
    environment, terminal = os.environ, sys.stdin.isatty()
    known = parameters()
    answers = load_answers()
    first = "parameters" not in answers
    if first:
        answers["stack"], answers["region"] = stack_and_region({"stack": "todo-api"} | answers)
    settings = answers.setdefault("parameters", {})
    # A code is needed when Registration becomes `code`, and when NEW_CODE asks for one.
    mode_before = settings.get("Registration")
    changes = parse_settings(environment.get("SET", ""), known)
    code = changes.pop(CODE, None) or environment.get("REGISTRATION_CODE") or None
    settings.update(changes)
    settings["Architecture"] = environment.get("ARCH") or settings.get("Architecture") or "arm64"
    if terminal and (first or environment.get("ASK")):
        ask(answers, known)
    if not answers["region"]:
        raise DeployError("no region is set: make deploy REGION=eu-central-1")
    refuse_failed_stack(answers)
    new = mode_before != "code" or environment.get("NEW_CODE")
    if settings.get("Registration") == "code" and not code and new:
        if not terminal:
            raise DeployError("Registration=code needs REGISTRATION_CODE in the environment")
        code = secrets.token_urlsafe(18)
        print(f"  RegistrationCode is {code} - it is shown only once and not saved")
    if code:
        # A random id, which changes the revision without saving the code.
        answers["code_id"] = secrets.token_hex(8)
    run("make", "build", f"ARCH={settings['Architecture']}")
    if first:
        # `make destroy` has to know the stack even if its first deployment fails.
        ANSWERS.write_text(json.dumps({name: answers[name] for name in ("stack", "region")}))
    # As a parameter, a digest of the binary and the settings makes each change a canary.
    state = BOOTSTRAP.read_bytes() + json.dumps(answers, sort_keys=True).encode()
    try:
        run_sam(answers, {**settings, "Revision": hashlib.sha256(state).hexdigest()[:20]}, code)
    except DeployError:
        refuse_failed_stack(answers)
        raise
    # Saved only after success, so that a failed deployment does not change the saved answers.
    ANSWERS.write_text(json.dumps(answers, indent=2) + "\n")


def refuse_failed_stack(answers):
    """AWS does not update a stack whose creation has failed, and SAM does not say what to do."""
    status = describe(answers["stack"], answers["region"])[1].get("StackStatus", "")
    if status.startswith(("ROLLBACK_", "CREATE_FAILED")):
        raise DeployError(
            f"the first deployment of {answers['stack']} has failed ({status}), and AWS does not update what"
            " is left of it: delete that with `make destroy`, then run `make deploy` again"
        )


def describe(name, region):
    """A session with AWS, and the stack, which is empty when there is none or it cannot be read."""
    session = importlib.import_module("boto3").Session(region_name=region)
    with contextlib.suppress(Exception):
        return session, session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return session, {}


def parameters():
    """The template's parameters and their defaults, parsed without a YAML library to install."""
    section = Path("template.yaml").read_text().partition("\nParameters:\n")[2].partition("\nRules:\n")[0]
    return dict(re.findall(r'^  (\w+):\n(?:    .*\n)*?    Default: "?(.*?)"?$', section, re.M))


def load_answers():
    if not ANSWERS.exists():
        return {}
    with contextlib.suppress(ValueError):
        if isinstance(answers := json.loads(ANSWERS.read_text()), dict):
            return answers
    raise DeployError(f"{ANSWERS.name} is damaged; correct it, or delete it to start over")


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
    answers["stack"] = prompt("Name of the stack", answers["stack"])
    answers["region"] = prompt("AWS region", answers["region"])
    for name in FIRST_QUESTIONS:
        answers["parameters"][name] = prompt(name, answers["parameters"].get(name, known[name]))


def prompt(name, default):
    return input(f"  {name} [{default}]: ").strip() or default


def run_sam(answers, settings, code):
    # A file, because other users of this machine can see the arguments of a process.
    # JSON is valid YAML, and SAM accepts the extension .yaml but not .json.
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        given = {**settings, CODE: code} if code else settings
        json.dump({name: str(value) for name, value in given.items()}, file)
        file.flush()
        options = ["--stack-name", answers["stack"], "--region", answers["region"]]
        options += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
        # A deployment without changes is not an error.
        options += ["--no-fail-on-empty-changeset", "--parameter-overrides", f"file://{file.name}"]
        run(SAM, "deploy", *options)


def run(program, command, *options):
    if subprocess.run([program, command, *options]).returncode != 0:
        raise DeployError(f"{Path(program).name} {command} failed; see above")


def stack_and_region(answers):
    """From the environment, or else from the last deployment; empty when they are not known."""
    given = os.environ.get
    region = given("REGION") or answers.get("region") or given("AWS_REGION") or given("AWS_DEFAULT_REGION")
    return given("STACK") or answers.get("stack"), region or ""


def deployed():
    name, region = stack_and_region(load_answers())
    if not name or not region:
        raise DeployError("nothing was deployed from here; set STACK=… and REGION=…")
    return name, region


def logs():
    name, region = deployed()
    group = f"/aws/lambda/{name}"
    print(f"Following {group}; Ctrl-C stops", flush=True)
    run(SAM, "logs", "--cw-log-group", group, "--region", region, "--tail")


def destroy():
    name, region = deployed()
    print(f"This deletes the stack {name} in {region}: the API, the function, its logs and alarms.")
    print("The table remains with its data, and costs money; docs/deploy.md says how to delete it.")
    if not sys.stdin.isatty():
        raise DeployError("deleting needs a confirmation, and there is no terminal")
    if input("Type the stack's name to delete it: ").strip() != name:
        raise DeployError("the name does not match; nothing deleted")
    run(SAM, "delete", "--stack-name", name, "--region", region, "--no-prompts")
    ANSWERS.unlink(missing_ok=True)


def set_password():
    name, region = deployed()
    session, stack = describe(name, region)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    if not outputs:
        raise DeployError(f"there is no stack {name} in {region}, or you may not read it")
    keys = session.get_credentials().get_frozen_credentials()
    # The program takes all of it from its environment. It knows no profiles.
    variables = {"TABLE_NAME": outputs["TableName"], "AWS_REGION": region}
    variables["AWS_ENDPOINT_URL_DYNAMODB"] = session.client("dynamodb").meta.endpoint_url
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    variables |= zip(names, (keys.access_key, keys.secret_key, keys.token or ""))
    program = [*sys.argv[2:], f"the stack {name} ({region})"]
    sys.exit(subprocess.run(program, env=os.environ | variables).returncode)


if __name__ == "__main__":
    command = sys.argv[1]
    try:
        {"deploy": deploy, "logs": logs, "destroy": destroy, "set-password": set_password}[command]()
    except DeployError as error:
        sys.exit(f"make {command}: {error}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(f"\nmake {command}: interrupted")
