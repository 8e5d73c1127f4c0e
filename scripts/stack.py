"""`make logs` and `make destroy`: what is done to a stack that `make deploy` has made."""

import os
import subprocess
import sys

import deploy


def stack():
    """Its name and region, from the environment or from the last deployment."""
    answers = deploy.remembered()
    name = os.environ.get("STACK") or answers.get("stack")
    region = os.environ.get("REGION") or answers.get("region") or deploy.region(os.environ)
    if not name or not region:
        raise deploy.Refused("nothing was deployed from here; say STACK=… and REGION=…")
    return name, region


def logs():
    name, region = stack()
    group = f"/aws/lambda/{name}"
    words = [*deploy.SAM, "logs", "--cw-log-group", group, "--region", region, "--tail"]
    print(f"{group}, as it grows, until Ctrl-C", flush=True)
    if subprocess.run(words).returncode not in (0, 130):
        raise deploy.Refused(
            f"no log of {name} in {region}: credentials that may read it are missing,"
            " or there is no such stack"
        )


def destroy():
    name, region = stack()
    print(
        f"This deletes the stack {name} in {region}: the API, the function, its logs and alarms.\n"
        "The table stays with all its data and goes on costing its storage: the template says\n"
        "Retain, and DynamoDB itself refuses to delete it while DeletionProtection is true.\n"
        "docs/deploy.md says how to find and delete it afterwards."
    )
    if not sys.stdin.isatty():
        raise deploy.Refused("asks before it deletes, and there is no terminal to ask on")
    if input("Type the stack's name to delete it: ").strip() != name:
        raise deploy.Refused("nothing deleted")
    words = [*deploy.SAM, "delete", "--stack-name", name, "--region", region, "--no-prompts"]
    if subprocess.run(words).returncode != 0:
        raise deploy.Refused("sam delete failed; see above")
    deploy.ANSWERS.unlink(missing_ok=True)


def main():
    verb = sys.argv[1]
    try:
        {"logs": logs, "destroy": destroy}[verb]()
    except deploy.Refused as problem:
        sys.exit(f"make {verb}: {problem}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(130 if verb == "logs" else "\nmake destroy: nothing deleted")


if __name__ == "__main__":
    main()
