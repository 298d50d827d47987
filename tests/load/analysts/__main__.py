"""`python -m tests.load.analysts`: people at work under a feed, on two api processes, into reports/analysts.json."""

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

import orjson

from deploy.stack import control
from deploy.stack.report import to_stderr
from shared import clock
from tests import borrowed
from tests.faults.analysts import make_token
from tests.faults.service import ROOT
from tests.faults.system import System
from tests.load.analysts import bulk, hot, stream, suppress
from tests.load.analysts.at_work import Found, People, differences

REPORT = ROOT / "reports" / "analysts.json"
PROOFS = {"hot": hot, "bulk": bulk, "stream": stream, "suppress": suppress}


async def main(options: argparse.Namespace) -> int:
    """Run the proofs asked for, each on a corner of its own; exit status 1 when something does not hold."""
    found: dict[str, Found] = {}
    directory = ROOT / ".stack" / "bench"
    with borrowed.stack(directory):
        environment = control.up(directory, report=to_stderr())
        for name in options.proofs or PROOFS:
            with tempfile.TemporaryDirectory() as logs:
                system = System(environment, Path(logs), apis=2)
                await system.create()
                try:
                    await system.start()
                    people = People(system, await make_token(system))
                    found[name] = await PROOFS[name].prove(system, people, options)
                    found[name]["differ"] = await differences(system)
                    await people.close()
                finally:
                    await system.stop()
                    await system.destroy()
            print(name, orjson.dumps(found[name], option=orjson.OPT_INDENT_2).decode(), flush=True)
    wrong = [f"{name}: {one}" for name, part in found.items() for one in PROOFS[name].wrong(part)]
    wrong += [f"{name}: documents differ from their rows" for name, part in found.items() if part["differ"]]
    report = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "started_at": clock.isoformat(clock.now()),
        "ok": not wrong,
        "wrong": wrong,
        **found,
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    print("\n".join(wrong) or "all holds", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.load.analysts", description=__doc__)
    parser.add_argument("proofs", nargs="*", metavar="proof", help=f"of {', '.join(PROOFS)} (default: all)")
    parser.add_argument("--rate", type=int, default=500, help="events a second that fold meanwhile")
    parser.add_argument("--editors", type=int, default=50, help="who edit one alert at once")
    parser.add_argument("--pause", type=float, default=2.0, help="how many seconds each of them thinks at most")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they do")
    parser.add_argument("--alerts", type=int, default=12_000, help="how many are closed at once")
    parser.add_argument("--changes", type=int, default=200, help="how many are listened for")
    given = parser.parse_args()
    if unknown := set(given.proofs) - set(PROOFS):
        parser.error(f"no such proof: {', '.join(sorted(unknown))}")
    sys.exit(borrowed.run(main(given)))
