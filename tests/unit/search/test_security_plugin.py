"""The roles for OpenSearch's security plugin cover what we make there, and give nobody more than its work.

The plugin itself is not in the distribution these tests can run.
"""

from datetime import date
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.search.indices import Names, event_index, first_generation, unclocked_index

FOLDER = Path(__file__).parents[3] / "deploy" / "opensearch"
ROLES = ("eventsec_api", "eventsec_indexer", "eventsec_migrate")


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    found.pop("_meta")
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_covers_all_indices_and_aliases_of_ours_and_no_others(role: str) -> None:
    (rule,) = read("roles")[role]["index_permissions"]
    names = Names()
    ours = [names.events, names.alerts, names.incidents, first_generation("alerts"), first_generation("incidents")]
    ours += [event_index("alert", date(2026, 1, 1)), event_index("telemetry", date(2026, 1, 1))]
    ours += [unclocked_index("alert"), unclocked_index("telemetry")]
    for name in ours:
        assert any(fnmatch(name, pattern) for pattern in rule["index_patterns"]), name
    for name in (".opendistro_security", "eventsx", "other", "my-alerts"):
        assert not any(fnmatch(name, pattern) for pattern in rule["index_patterns"]), name


def test_the_api_reads_and_only_migrate_puts_templates() -> None:
    roles = read("roles")
    actions = {
        role: {*roles[role]["cluster_permissions"], *roles[role]["index_permissions"][0]["allowed_actions"]}
        for role in ROLES
    }
    for action in actions["eventsec_api"]:
        assert action in {"read", "cluster:monitor/main", "cluster_composite_ops_ro"} or action.endswith("/get"), action
    assert [role for role in ROLES if any("template/put" in action for action in actions[role])] == ["eventsec_migrate"]
    assert not any("*" in {*found} or "all_access" in found or "unlimited" in found for found in actions.values())


def test_each_role_has_its_user_and_each_user_a_password_that_is_not_here() -> None:
    mapping, users = read("roles_mapping"), read("internal_users")
    assert {role: mapping[role]["users"] for role in ROLES} == {role: [role] for role in ROLES}
    assert users.keys() == {*ROLES, "admin"}
    assert all(user["hash"].startswith("${envbc.") for user in users.values())
