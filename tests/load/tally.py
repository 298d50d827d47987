"""What came of a fuzzer's requests: how many of what, what was not as described, and what never was done."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from schemathesis.engine import Status
from schemathesis.engine.recorder import ScenarioRecorder

Found = dict[str, Any]

# What no request that is made up can do, with the reason.
CANNOT_BE_DONE = {
    "POST /api/v1/auth/totp/confirm": "the code is made of the time, and of a secret that only `auth/totp` replies",
    "POST /api/v1/invitations/accept": "who is in two organizations has to say in everything else which one is meant",
}


@dataclass
class Tally:
    """What came of the requests of one caller, of the operations that are described to it."""

    described: set[str]
    asked: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    refused: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    failures: dict[tuple[str, str], Found] = field(default_factory=dict)

    def take(self, recorder: ScenarioRecorder) -> None:
        """Count a scenario."""
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            self.asked[label] += 1
            status = interaction.response.status_code if interaction.response is not None else 0
            self.statuses[str(status)] += 1
            if 200 <= status < 400:
                self.done[label] += 1
            elif interaction.response is not None:
                self.refused[label][f"{status} {_code(interaction.response.content)}"] += 1
        for case_id, checks in recorder.checks.items():
            for check in checks:
                label = recorder.cases[case_id].value.operation.label
                if (info := check.failure_info) is not None:
                    self.fail(label, info.failure.title, info.failure.message, info.code_sample, check.name)
                elif check.status is not Status.SUCCESS:
                    self.fail(label, "The check itself failed", "", check=check.name)

    def fail(self, label: str, title: str, message: str, sample: str = "", check: str = "") -> None:
        """Note a failure, the first of its kind with all that is known of it."""
        known = {"operation": label, "check": check, "title": title, "message": message, "request": sample, "times": 0}
        self.failures.setdefault((label, title), known)["times"] += 1

    def report(self) -> Found:
        """As the report has it; of what was never done, with what was answered in place of that."""
        never_done = sorted(self.described - self.done.keys())
        return {
            "requests": self.asked.total(),
            "operations": len(self.described),
            "covered": len(self.described & self.asked.keys()),
            "done": len(self.described & self.done.keys()),
            "never_asked": sorted(self.described - self.asked.keys()),
            "never_done": {label: dict(self.refused[label].most_common()) for label in never_done},
            "statuses": dict(sorted(self.statuses.items())),
            "failures": list(self.failures.values()),
        }


def _code(body: bytes | None) -> str:
    """The problem's code, where it is one."""
    try:
        return str(orjson.loads(body or b"")["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def undone(tallies: Iterable[Tally]) -> set[str]:
    """The operations that were done for nobody, though they can be."""
    described, done = set[str](), set[str]()
    for tally in tallies:
        described |= tally.described
        done |= tally.done.keys()
    return described - done - CANNOT_BE_DONE.keys()
