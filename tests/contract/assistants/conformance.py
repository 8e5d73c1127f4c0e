"""Which checks of the conformance suite do not apply here, each with its reason: this server has tools and
nothing else, and none of those that the suite expects of a server made for it."""

import json
import re

NO_SUCH_TOOL = "calls a tool of a server that was made for the suite"
NO_LOGGING = "needs logging, which this server does not offer"
NO_COMPLETION = "needs completion, which this server does not offer"
NO_RESOURCES = "needs resources, which this server does not offer"
NO_PROMPTS = "needs prompts, which this server does not offer"
NO_QUESTIONS = "needs a tool that asks the client something, which none here does"
NO_PARAMETER_HEADERS = "needs a tool with `x-mcp-header`, which none here has"

SCENARIOS = {
    "completion-complete": NO_COMPLETION,
    "elicitation-sep1034-defaults": NO_QUESTIONS,
    "elicitation-sep1330-enums": NO_QUESTIONS,
    "http-custom-header-server-validation": NO_PARAMETER_HEADERS,
    "input-required-result-basic-elicitation": NO_QUESTIONS,
    "input-required-result-basic-list-roots": NO_QUESTIONS,
    "input-required-result-basic-sampling": NO_QUESTIONS,
    "input-required-result-capability-check": NO_QUESTIONS,
    "input-required-result-multi-round": NO_QUESTIONS,
    "input-required-result-multiple-input-requests": NO_QUESTIONS,
    "input-required-result-non-tool-request": NO_PROMPTS,
    "input-required-result-request-state": NO_QUESTIONS,
    "input-required-result-result-type": NO_QUESTIONS,
    "input-required-result-tampered-state": NO_QUESTIONS,
    "json-schema-2020-12": NO_SUCH_TOOL,
    "logging-set-level": NO_LOGGING,
    "prompts-get-embedded-resource": NO_PROMPTS,
    "prompts-get-simple": NO_PROMPTS,
    "prompts-get-with-args": NO_PROMPTS,
    "prompts-get-with-image": NO_PROMPTS,
    "prompts-list": NO_PROMPTS,
    "resources-list": NO_RESOURCES,
    "resources-read-binary": NO_RESOURCES,
    "resources-read-text": NO_RESOURCES,
    "resources-subscribe": NO_RESOURCES,
    "resources-templates-read": NO_RESOURCES,
    "resources-unsubscribe": NO_RESOURCES,
    "tools-call-audio": NO_SUCH_TOOL,
    "tools-call-elicitation": NO_QUESTIONS,
    "tools-call-embedded-resource": NO_SUCH_TOOL,
    "tools-call-error": NO_SUCH_TOOL,
    "tools-call-image": NO_SUCH_TOOL,
    "tools-call-mixed-content": NO_SUCH_TOOL,
    "tools-call-sampling": NO_QUESTIONS,
    "tools-call-simple-text": NO_SUCH_TOOL,
    "tools-call-with-logging": NO_LOGGING,
    "tools-call-with-progress": NO_SUCH_TOOL,
}
# Of scenarios whose other checks apply.
CHECKS = {
    "sep-2549-prompts-list-caching-hints": NO_PROMPTS,
    "sep-2549-resources-list-caching-hints": NO_RESOURCES,
    "sep-2549-resources-templates-list-caching-hints": NO_RESOURCES,
    "sep-2575-http-server-no-independent-requests-on-stream": NO_QUESTIONS,
    "sep-2575-missing-capability-http-400": NO_SUCH_TOOL,
    "sep-2575-server-no-log-without-loglevel": NO_LOGGING,
    "sep-2575-server-rejects-undeclared-capability": NO_SUCH_TOOL,
}


def judge(folder):
    """Of the results in `folder`: how many checks passed, which failed although they apply, and what was
    excluded and failed."""
    passed, failed, excluded = 0, [], set()
    for results in sorted(folder.glob("server-*/checks.json")):
        scenario = re.fullmatch(r"server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z", results.parent.name)[1]
        for check in json.loads(results.read_text()):
            if check["status"] == "SUCCESS":
                passed += 1
            elif check["status"] == "FAILURE":
                reason = {scenario, check["id"]} & {*SCENARIOS, *CHECKS}
                excluded |= reason
                if not reason:
                    failed.append(f"{scenario}: {check['id']}: {check.get('errorMessage')}")
    return passed, failed, excluded
