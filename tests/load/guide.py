"""Leads the fuzzer's requests to the ground: what a made-up request names is replaced by what is there."""

import itertools
import random
from collections.abc import Sequence
from typing import Any

from schemathesis.auths import AuthContext, set_on_case
from schemathesis.generation.meta import TestPhase

from tests.load.good import GOOD, QUERIES, numbered
from tests.load.ground import HARMLESS, Found, Ground, Own

AS_MADE_UP, AS_GOOD = 0.2, 0.5
SURE = 2
KEY = "Idempotency-Key"

# Of which one is given: a schema that said so could not be read by those who make clients of it.
EITHER = {"POST /api/v1/incidents/bulk": (("incident_id", "open"), ("ids", "query"))}


class Guide:
    """Leads requests that fit the description to the ground; those that break it stay as they were made up."""

    # Of names that may not be there twice, behind those that the grounds have, for whoever asks.
    _numbers = itertools.count(1000)

    def __init__(self, grounds: Sequence[Ground], seed: int) -> None:
        self._grounds, self._chance = grounds, random.Random(seed)

    def lead(self, case: Any) -> None:
        """Have a case name what is there, but for some that go on asking for nothing that is."""
        fits = case.meta is not None and case.meta.generation.mode.is_positive
        if not fits or case.meta.phase.name is TestPhase.STATEFUL or self._chance.random() < AS_MADE_UP:
            return
        ground, label = self._chance.choice(self._grounds), case.operation.label
        own = ground.own.get(label, Own())
        case.path_parameters = led_path(case.path_parameters, ground.ids | own.ids)
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"
        if KEY in (case.headers or {}) and self._chance.random() < AS_GOOD:
            # What is made up is soon a key that another request had.
            del case.headers[KEY]
        if isinstance(case.body, dict):
            case.body = self._chosen(label, led(self._better(label, case.body), ground.bodies | own.bodies))

    def surely(self, examples: list[Any]) -> None:
        """In the place of an operation's first requests, some that nothing should be wrong with."""
        if examples:
            examples[:] = [self._sure(examples[0], ground) for ground in self._grounds[:SURE]]

    def _sure(self, made_up: Any, ground: Ground) -> Any:
        """The request to that ground, with no more than has to be said, and a good body, where we have one."""
        operation, label = made_up.operation, made_up.operation.label
        own = ground.own.get(label, Own())
        query = {one.name: made_up.query[one.name] for one in operation.query if one.is_required}
        headers = {"If-Match": "*"} if "If-Match" in made_up.headers else {}
        body = made_up.body
        if isinstance(body, dict):
            good = numbered(GOOD.get(label, body), next(self._numbers))
            body = self._chosen(label, led(good, ground.bodies | own.bodies))
        case = operation.Case(
            path_parameters=led_path(made_up.path_parameters, ground.ids | own.ids),
            query=query | QUERIES.get(label, {}),
            headers=headers,
            body=body,
            media_type=made_up.media_type,
        )
        # By Schemathesis itself: it asks the same again as nobody, and takes headers that stand there for made up.
        set_on_case(case, AuthContext(operation=operation, app=operation.app), None)
        return case

    def _chosen(self, label: str, body: Found) -> Found:
        """The body with one of each of what excludes the other, where it names both."""
        for pair in EITHER.get(label, ()):
            if all(body.get(name) is not None for name in pair):
                body[self._chance.choice(pair)] = None
        return body

    def _better(self, label: str, body: Found) -> Found:
        """Often a body that would be accepted, but for one member that stays as it was made up.

        Where each of many members may be refused for what no schema says, all of them together nearly always are.
        """
        if label not in GOOD or self._chance.random() >= AS_GOOD:
            return body
        kept = self._chance.sample(sorted(body), min(1, len(body)))
        return numbered(GOOD[label], next(self._numbers)) | {name: body[name] for name in kept}


def led_path(made_up: Found | None, known: Found) -> Found:
    """The path's parameters, with what is known in the place of what was made up."""
    return {name: known.get(name, value) for name, value in (made_up or {}).items()}


def led(body: Any, known: Found) -> Any:
    """The body with what is known in the place of what was made up, as far as it names any of it.

    What is empty stays so: it may have to be.
    """
    if isinstance(body, list):
        return [led(one, known) for one in body]
    if not isinstance(body, dict):
        return body
    found = {
        name: led(value, known) if name not in known or value is None or value == [] else known[name]
        for name, value in body.items()
    }
    return found | HARMLESS if {"verdict", "reason"} <= found.keys() else found
