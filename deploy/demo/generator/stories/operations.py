"""Nobody's attack: disks fill, backups fail and machines go away, and Alertmanager says when it is over."""

from collections.abc import Iterator

from deploy.demo.generator import company
from deploy.demo.generator.formats import alertmanager
from deploy.demo.generator.formats.alertmanager import Firing
from deploy.demo.generator.happening import Happening
from deploy.demo.generator.stories.scene import Scene


def disk_fills(scene: Scene) -> Iterator[Happening]:
    """Fires on two machines, fires again twice, is resolved after two minutes."""
    hosts = scene.rng.sample(company.SERVERS, 2)
    began = scene.at(0)
    firing = [
        Firing("DiskAlmostFull", "warning", f"{host.name}:9100", f"Less than 8 % free on {host.name}", began)
        for host in hosts
    ]
    for moment in scene.every(30, 3, start=5):
        yield alertmanager.post(moment, firing)
    yield alertmanager.post(scene.at(120), firing, resolved=True)


def target_down(scene: Scene) -> Iterator[Happening]:
    """A machine is away for a minute."""
    host = scene.rng.choice(company.LINUX)
    down = [Firing("TargetDown", "critical", f"{host.name}:9100", f"{host.name} does not answer", scene.at(0))]
    for moment in scene.every(20, 2, start=3):
        yield alertmanager.post(moment, down)
    yield alertmanager.post(scene.at(60), down, resolved=True)
