"""What the feed has done so far, told once a second in a file that the view and scripts read."""

from dataclasses import asdict, dataclass, field
from typing import Any

from deploy.demo.folder import Folder, write_json


@dataclass
class Sender:
    """One sensor's side of the story, in records unless said otherwise."""

    requests: int = 0
    sent: int = 0
    resent: int = 0
    damaged: int = 0
    accepted: int = 0
    rejected: int = 0
    ignored: int = 0
    refused_requests: int = 0
    retries: int = 0
    waiting: int = 0  # requests in the queue


@dataclass
class Counts:
    """Of the whole feed. `first` is the receipt id of the first request that was answered with success."""

    rate: float
    seed: int
    senders: dict[str, Sender] = field(default_factory=dict)
    first: str = ""
    trouble: str = ""
    finished: bool = False

    @property
    def sent(self) -> int:
        return sum(sender.sent for sender in self.senders.values())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def write(folder: Folder, counts: Counts) -> None:
    write_json(folder.feed, counts.as_json())
