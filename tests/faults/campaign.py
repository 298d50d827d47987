"""`make faults SEEDS=60`: runs of the product under load with faults by seeded plans, into reports/faults.json.

python -m tests.faults.campaign --seeds 60 [--seed N] [--seconds S] [--nemesis NAME …]

A seed repeats its plan: the nemeses, their order and lengths, and what is sent. What the processes were doing at each
moment it cannot repeat. Logs and the plan of a seed that failed stay in .stack/faults/SEED/.
"""

import argparse
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock
from tests import borrowed
from tests.faults import plan
from tests.faults.nemeses.all import NEMESES
from tests.faults.run import Run, carry_out
from tests.faults.verdict import QUIET_SECONDS

ROOT = Path(__file__).resolve().parents[2]
STACK = ROOT / ".stack" / "faults"
REPORT = ROOT / "reports" / "faults.json"

_HEAD = (
    f"{'seed':>6} {'sent':>7} {'acked':>7} {'stored':>7} {'found':>7} {'lost':>5} {'twice':>5} {'wrong':>5} {'s':>6}"
)


async def main(options: argparse.Namespace) -> int:
    """Run all seeds; 0 when every run passed."""
    with borrowed.stack(STACK):
        environment = control.up(STACK, report=to_stderr())
        started_at = clock.isoformat(clock.now())
        runs: list[Run] = []
        print(f"{_HEAD}   nemeses", flush=True)
        for seed in range(options.seed, options.seed + options.seeds):
            runs.append(await _one(plan.make(seed, options.seconds, options.nemesis), environment, options.quiet))
            show(runs[-1])
            write(runs, started_at)
    failed = [run.plan.seed for run in runs if not run.passed]
    print(f"{len(runs)} seeds, {len(failed)} failed{f': {failed}, logs in {STACK}' if failed else ''}")
    return 1 if failed or not runs else 0


async def _one(made: plan.Plan, environment: dict[str, str], quiet: float) -> Run:
    directory = STACK / str(made.seed)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    (directory / "plan.json").write_bytes(orjson.dumps(made.as_dict(), option=orjson.OPT_INDENT_2))
    run = await carry_out(made, environment, directory, within=quiet)
    if run.passed:
        shutil.rmtree(directory)
    else:
        (directory / "run.json").write_bytes(orjson.dumps(run.as_dict(), option=orjson.OPT_INDENT_2))
    return run


def show(run: Run) -> None:
    """A line of the table, and what went wrong below it."""
    told = run.verdict
    numbers = (told.attempted, told.acknowledged, told.stored, told.searchable)
    wrong = (told.lost, told.duplicated, told.miscounted)
    line = f"{run.plan.seed:>6} " + " ".join(f"{n:>7}" for n in numbers) + " " + " ".join(f"{n:>5}" for n in wrong)
    seen = ", ".join(f"{name} {count}" for name, count in run.faults_seen.items())
    print(f"{line} {run.seconds:>6.0f}   {'' if run.passed else 'FAILED '}{seen}")
    for trouble in [] if run.passed else run.as_dict()["trouble"]:
        print(f"{'':>6} {trouble}")
    sys.stdout.flush()


def write(runs: Sequence[Run], started_at: str) -> None:
    """The report of the seeds so far."""
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": started_at,
        "runs": [run.as_dict() for run in runs],
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    parser.add_argument("--seeds", type=int, default=60, help="how many (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="the first one (default 0)")
    parser.add_argument("--seconds", type=float, default=plan.SECONDS, help="of nemeses in each (default 25)")
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS, help="most seconds until all is at rest")
    parser.add_argument("--nemesis", nargs="*", default=[], choices=NEMESES, help="only these, in this order")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(borrowed.run(main(_options())))
