import pytest

from tests.run import Outcome, closing_of, total


@pytest.mark.parametrize(
    ("line", "closing"),
    [
        ("===== 3 passed in 0.12s =====", "3 passed in 0.12s"),
        ("= 1 failed, 2 passed, 1 warning in 75.00s (0:01:15) =", "1 failed, 2 passed, 1 warning in 75.00s (0:01:15)"),
        ("\x1b[32m==== \x1b[1m3 passed\x1b[0m\x1b[32m in 0.12s\x1b[0m ====\x1b[0m", "3 passed in 0.12s"),
        ("===== no tests ran in 0.01s =====", "no tests ran in 0.01s"),
        ("3 passed in 0.12s", "3 passed in 0.12s"),
        ("tests/unit/test_run.py ....   [100%]", ""),
        ("===== FAILURES =====", ""),
    ],
)
def test_recognises_the_closing_line_of_pytest(line: str, closing: str) -> None:
    assert closing_of(line.encode()) == closing


def test_adds_up_what_the_folders_say() -> None:
    outcomes = [
        Outcome("unit", failed=False, closing="3 passed, 1 warning in 0.10s", seconds=0.5),
        Outcome("e2e", failed=True, closing="1 failed, 4 passed, 2 errors, 2 warnings in 9.00s", seconds=10),
    ]
    assert total(outcomes, 11.5) == "7 passed, 3 warnings, 1 failed, 2 errors in 11.50s"
