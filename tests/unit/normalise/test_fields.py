"""The list of fields and the documents agree: every name is listed, every value of its type."""

import pytest

from shared.normalise.fields import ALERT_FIELDS, ECS_FIELDS, TEXT_SUBFIELDS
from tests.unit.normalise.conformity import faults
from tests.unit.normalise.given import event, every_record, sensor


@pytest.mark.parametrize("line", every_record())
def test_every_document_fits_the_list(line: bytes) -> None:
    assert faults(event(line, sensor=sensor(ignored_types=frozenset())).document) == []


def test_no_field_is_both_a_value_and_an_object() -> None:
    names = set(ECS_FIELDS) | set(ALERT_FIELDS)
    parents = {name.rpartition(".")[0] for name in names} - {"alert.observables"}
    assert not parents & names


def test_subfields_belong_to_fields() -> None:
    assert set(TEXT_SUBFIELDS) <= set(ECS_FIELDS) | set(ALERT_FIELDS)


def test_a_fault_is_found() -> None:
    assert faults(b'{"source":{"ip":"999.1.1.1"},"alert":{"odd":1}}') == ["source.ip", "alert.odd"]
