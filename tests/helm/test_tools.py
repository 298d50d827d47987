"""Helm and kubeconform have nothing to say against any of the value sets."""

import subprocess

import pytest

from tests.helm import schemas, tools
from tests.helm.chart import CHART, SETS, helm, text, values_of

VERSIONS = (schemas.OLDEST, schemas.NEWEST)


def kubeconform(manifests: str, version: str) -> str:
    """Its summary. Raises CalledProcessError with what it found."""
    where = [part for location in schemas.locations() for part in ("-schema-location", location)]
    command = [str(tools.program(tools.KUBECONFORM)), "-strict", "-summary", "-kubernetes-version", version, *where]
    return tools.run([*command, "-"], given=manifests)


@pytest.mark.parametrize("values", SETS)
def test_helm_lints_it(values: str) -> None:
    said = helm("lint", "--strict", "--kube-version", schemas.NEWEST, *values_of(values), str(CHART))
    assert "0 chart(s) failed" in said


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", SETS)
def test_every_object_fits_its_schema(values: str, version: str) -> None:
    summary = kubeconform(text(values, version=version), version)
    print(f"{values}, Kubernetes {version}: {summary.strip()}")
    assert "Invalid: 0, Errors: 0, Skipped: 0" in summary


@pytest.mark.parametrize("values", ["keda"])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("minReplicas:", "minReplica:"),  # Kubernetes' own
        ("maxReplicaCount: 8", "maxReplicaCount: many"),  # KEDA's
        ("podMetricsEndpoints:", "podMetricsEndpoint:"),  # the Prometheus operator's
        ("drop: [ALL]", "drops: [ALL]"),  # deep inside
    ],
)
def test_a_field_that_nobody_knows_is_found(values: str, right: str, wrong: str) -> None:
    assert right in text(values)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        kubeconform(text(values).replace(right, wrong), schemas.NEWEST)
    assert "Invalid: 0" not in failed.value.stdout


def test_a_kind_that_nobody_knows_is_found() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="exit status 1"):
        kubeconform("apiVersion: apps/v1\nkind: Deploymint\nmetadata: {name: x}\n", schemas.NEWEST)
