"""`make load`: the service as it is deployed, several instances over one engine, under HTTP load.

First RATE=100 requests a second for MINUTES=5. Then, in steps of SECONDS=20, the highest rate with
a p99 under 50 ms. A length of 0 leaves a part out. INSTANCES=4 of the function, USERS=10, SEED=1
for the same requests each time, DEBUG=1 for the debug build. Serves on PORT. Ends with 1 when an
answer of the first part was not the expected one.

Load, service and engine share this machine's cores, with `cargo lambda watch` for a gateway: this
finds what all of them can do together.
"""

import contextlib
import os
import signal
import sys
import tempfile
import time

from engine import ROOT, Engine
from traffic import CONNECTIONS, OPERATIONS, Client, Load, Unexpected, User, percentile

sys.path.insert(0, str(ROOT / "scripts"))
import run  # noqa: E402
import tool  # noqa: E402

# The default and the least.
SETTINGS = {
    "RATE": (100, 1),
    "MINUTES": (5.0, 0),
    "SECONDS": (20, 0),
    "INSTANCES": (4, 1),
    "USERS": (10, 1),
    "SEED": (1, 0),
}
GOAL = 0.050
START_SECONDS = 60
WARM_UP_SECONDS = 5
PROFILE = [] if os.environ.get("DEBUG") else ["--release"]


def main():
    if sys.argv[1:]:
        sys.exit(__doc__)
    for number in run.STOP_SIGNALS:
        signal.signal(number, run.stop)
    try:
        chosen = {name: setting(name, *limits) for name, limits in SETTINGS.items()}
        port = run.free_port(os.environ.get("PORT") or "9000")
        compile_it("--features", "local", "--example", "engine")
        compile_it(*PROFILE)
        with Engine() as engine, service(engine, port, chosen) as started:
            sys.exit(0 if measure(started, chosen) else 1)
    except run.Stop:
        sys.exit(130)
    except (run.Failed, tool.ToolMissing, Unexpected) as error:
        sys.exit(f"make load: {error}")


def setting(name, default, least):
    raw = os.environ.get(name) or default
    try:
        value = type(default)(raw)
    except ValueError:
        value = None
    if value is None or not value >= least:
        raise run.Failed(f"{name}={raw} is not a number from {least}")
    return value


def compile_it(*options):
    with run.Child(["cargo", "build", *options], os.environ) as cargo:
        if cargo.wait() != 0:
            raise run.Failed("the service does not compile; see above")


@contextlib.contextmanager
def service(engine, port, chosen):
    """The service with all its instances, warm."""
    watch = [str(tool.cargo_lambda()), "lambda", "watch", "--ignore-changes", *PROFILE]
    # Instead of the `local` in Cargo.toml.
    watch += ["--features", "", "--concurrency", str(chosen["INSTANCES"])]
    watch += ["--invoke-address", run.HOST, "--invoke-port", str(port)]
    env = os.environ | engine.variables | {"TABLE_NAME": "todo", "PUBLIC_URL": ""}
    env |= {"REGISTRATION": "open", "REGISTRATIONS_PER_HOUR": str(chosen["USERS"])}
    with tempfile.TemporaryFile() as log:
        with run.Child(watch, env, log) as child:
            try:
                run.await_health(child, port)
                started = Service(child, port, chosen)
                started.warm_up(chosen["INSTANCES"], chosen["RATE"])
                yield started
            except (run.Failed, Unexpected):
                log.seek(0)
                sys.stderr.write(log.read()[-2000:].decode(errors="replace"))
                raise


class Service:
    def __init__(self, child, port, chosen):
        self.child, self.port, self.seed = child, port, chosen["SEED"]
        client = Client(port)
        self.users = [User(client, f"user{number}") for number in range(chosen["USERS"])]
        client.close()

    def warm_up(self, instances, rate):
        deadline = time.monotonic() + START_SECONDS
        while self.instances() < instances:
            if time.monotonic() > deadline:
                raise run.Failed(f"only {self.instances()} instances have started; see above")
            # Another instance starts when requests have to wait.
            self.load(rate=1000, seconds=0.2)
        self.load(rate, WARM_UP_SECONDS)

    def instances(self):
        """Each is a process of its own."""
        return len(run.descendants(self.child.pid)) - 1

    def load(self, rate, seconds):
        load = Load(self.users, self.port, rate, seconds, self.seed)
        load.run(self.pause)
        return load

    def pause(self):
        self.child.pause(0.3)
        if self.child.ended():
            raise run.Failed("cargo lambda watch ended by itself; see above")


def measure(started, chosen):
    """Whether every answer of the first part was the expected one."""
    rate, minutes, seconds = chosen["RATE"], chosen["MINUTES"], chosen["SECONDS"]
    run.say(
        f"{'release' if PROFILE else 'debug'} build, {os.cpu_count()} cores,"
        f" {started.instances()} instances, {len(started.users)} users, {CONNECTIONS} connections;"
        " times in ms"
    )
    wrong = 0
    if minutes:
        run.say(f"\n{rate} requests a second for {minutes:g} minutes")
        load = started.load(rate, minutes * 60)
        report(load)
        wrong = load.errors.total()
    if seconds:
        run.say(f"\n{seconds} seconds each")
        row("a second", "errors", "p50", "p99", "late p99", "waited", "generator")
        good, bad, problem = highest(lambda rate: step(started, rate, seconds), rate)
        run.say(f"p99 is under {GOAL * 1e3:.0f} ms up to {good} a second; at {bad} {problem}")
    return wrong == 0


def row(name, *cells):
    run.say(f"{name:10}" + "".join(f"{cell:>11}" for cell in cells))


def milliseconds(values, part):
    return f"{percentile(values, part) * 1e3:.1f}"


def report(load):
    row("", "requests", "errors", "p50", "p99", "max")
    parts = [(name, load.seconds[name], load.errors[name]) for name in OPERATIONS]
    for name, seconds, errors in [*parts, ("all", load.all_seconds(), load.errors.total())]:
        times = (milliseconds(seconds, part) for part in (50, 99, 100))
        row(name, f"{len(seconds) + errors:,}", f"{errors:,}", *times)
    for message, count in load.messages.most_common(5):
        run.say(f"{count} × {message}")
    run.say(
        f"The generator was late by {milliseconds(load.late, 99)} (p99),"
        f" {milliseconds(load.late, 100)} at most, and took {load.cpu:.0%} of a core;"
        f" {load.waited:,} requests waited for a connection."
    )


def step(started, rate, seconds):
    """What is wrong with this rate, if anything."""
    load = started.load(rate, seconds)
    errors, times = load.errors.total(), load.all_seconds()
    p50, p99 = milliseconds(times, 50), milliseconds(times, 99)
    late, cpu = milliseconds(load.late, 99), f"{load.cpu:.0%}"
    row(f"{rate:8,}", f"{errors:,}", p50, p99, late, f"{load.waited:,}", cpu)
    if not errors and percentile(times, 99) < GOAL:
        return None
    problem = f"there were {errors} errors" if errors else f"it was {p99} ms"
    # Which is part of the times, so that it makes no rate look better than it is.
    return problem if load.on_time() else f"{problem}, when the generator itself was late"


def highest(problem, rate):
    """The highest rate that has no problem, one at most a tenth above it that has, and which."""
    low, high, found = 0, None, None
    while high is None or high - low > max(low / 10, 1):
        if now := problem(rate):
            high, found = rate, now
        else:
            low = rate
        rate = 2 * low if high is None else (low + high) // 2
    return low, high, found


if __name__ == "__main__":
    main()
