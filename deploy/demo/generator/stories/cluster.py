"""Inside the cluster: a shell in a container, the way out of it to the host, and a miner."""

from collections.abc import Iterator

from deploy.demo.generator import company
from deploy.demo.generator.formats import alertmanager, falco, suricata_eve
from deploy.demo.generator.formats.suricata_eve import Signature
from deploy.demo.generator.happening import Happening, flow
from deploy.demo.generator.noise import PODS
from deploy.demo.generator.stories.scene import Scene

_SHELL = falco.Rule("Shell with a terminal in a container", "Notice", ("T1059.004",))
_TOKEN = falco.Rule("Service account token read by an unusual program", "Warning", ("T1552.001",))
_RELEASE = falco.Rule("Container escape through release_agent", "Critical", ("T1611",))
_HOST_FILE = falco.Rule("Host's shadow file read from a container", "Critical", ("T1611", "T1552.001"))
_MINER = falco.Rule("Connection to a mining pool", "Critical", ("T1496",))
_NEW_BINARY = falco.Rule("Program not of the image was run", "Error", ("T1105", "T1059"))
_POOL = Signature(
    9003001, "LOCAL MINING Stratum login", "Crypto Currency Mining Activity Detected", 2, "Major", "T1496"
)


def container_escape(scene: Scene) -> Iterator[Happening]:
    """A minute and a half from the first shell to a node that computes for somebody else."""
    rng = scene.rng
    node, pod = rng.choice(company.NODES), rng.choice(PODS[:3])
    yield falco.alert(scene.at(0), rng, _SHELL, node, pod, command="sh -i", parent="node")
    mounted = "/run/secrets/kubernetes.io/serviceaccount/token"
    yield falco.alert(scene.at(7), rng, _TOKEN, node, pod, command=f"cat {mounted}", parent="sh", file=mounted)
    yield falco.alert(scene.at(19), rng, _NEW_BINARY, node, pod, command="/opt/kx --probe", parent="sh")
    for moment in scene.every(3, 3, start=28):
        yield falco.alert(
            moment, rng, _RELEASE, node, pod, command="sh -c echo /cmd > /tmp/cg/release_agent", parent="sh"
        )
    yield falco.alert(
        scene.at(41), rng, _HOST_FILE, node, pod, command="cat /host/etc/shadow", parent="sh", file="/host/etc/shadow"
    )
    yield from _mining(scene, node)


def _mining(scene: Scene, node: company.Host) -> Iterator[Happening]:
    rng, enemy = scene.rng, scene.enemy
    for moment in scene.every(5, 12, start=50):
        pool = flow(rng, node.address, enemy.second_address, 3333)
        yield falco.alert(
            moment, rng, _MINER, node, None, command=f"kworkerds -o {enemy.domain}:3333", parent="systemd", flow=pool
        )
        yield suricata_eve.alert(moment, rng, _POOL, pool)
    busy = alertmanager.Firing(
        "NodeCpuSaturated", "warning", f"{node.name}:9100", f"{node.name} uses all of its CPUs", scene.at(75)
    )
    yield alertmanager.post(scene.at(85), [busy])
