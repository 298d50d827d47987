"""The brokers that we set up ourselves agree on what holds a small one up."""

import re

from tests.architecture.place import ROOT

LIMIT = re.compile(r"^raft\.wal_max_size_bytes = (\d+)$", re.MULTILINE)


def test_a_small_broker_s_log_is_small_in_containers_and_out_of_them() -> None:
    limits = {
        (ROOT / "deploy" / file).name: LIMIT.findall((ROOT / "deploy" / file).read_text(encoding="utf-8"))
        for file in ("rabbitmq/rabbitmq.conf", "stack/rabbitmq.py")
    }
    assert limits == {"rabbitmq.conf": ["134217728"], "rabbitmq.py": ["134217728"]}


def test_its_log_fits_three_times_below_the_watermark() -> None:
    conf = (ROOT / "deploy" / "rabbitmq" / "rabbitmq.conf").read_text(encoding="utf-8")
    ((watermark,), (limit,)) = (
        re.findall(r"^vm_memory_high_watermark.absolute = (\d+)MiB$", conf, re.M),
        LIMIT.findall(conf),
    )
    assert 3 * int(limit) <= int(watermark) << 20
