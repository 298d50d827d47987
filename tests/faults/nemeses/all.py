"""All nemeses by name."""

from tests.faults.nemeses import broker, crashes, network, processes, stores

NEMESES = {
    one.name: one for one in (*processes.NEMESES, *crashes.NEMESES, *broker.NEMESES, *stores.NEMESES, *network.NEMESES)
}
