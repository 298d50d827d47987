"""All nemeses by name."""

from tests.faults.nemeses import broker, crashes, network, processes, refills, stores

NEMESES = {
    one.name: one
    for one in (
        *processes.NEMESES,
        *crashes.NEMESES,
        *refills.NEMESES,
        *broker.NEMESES,
        *stores.NEMESES,
        *network.NEMESES,
    )
}
