"""The stories that sensors tell: each a few minutes of one matter, seen by several of them."""

from deploy.demo.generator.stories.cluster import container_escape
from deploy.demo.generator.stories.identity import password_spraying, second_factor_fatigue
from deploy.demo.generator.stories.operations import disk_fills, target_down
from deploy.demo.generator.stories.phishing import phishing
from deploy.demo.generator.stories.ransom import ransomware
from deploy.demo.generator.stories.scene import Scene, Story
from deploy.demo.generator.stories.servers import port_scan, ssh_brute_force, web_attack

ALL: tuple[Story, ...] = (
    phishing,
    ssh_brute_force,
    container_escape,
    web_attack,
    ransomware,
    port_scan,
    password_spraying,
    second_factor_fatigue,
    disk_fills,
    target_down,
)

__all__ = ["ALL", "Scene", "Story"]
