"""A flood of refused requests is told in a few lines a second, and how many more there were in one."""

from structlog.testing import capture_logs

from shared.refusal_log import LINES_A_SECOND, RefusalLog


def test_a_flood_of_one_code_is_counted_and_hides_no_other() -> None:
    seconds = [0.0]
    refusals = RefusalLog(clock=lambda: seconds[0])
    with capture_logs() as lines:
        for _ in range(LINES_A_SECOND + 3):
            refusals.refused("unauthenticated", status=401)
        refusals.refused("not_found", status=404)
        assert [line["code"] for line in lines] == ["unauthenticated"] * LINES_A_SECOND + ["not_found"]
        seconds[0] = 1.0
        refusals.refused("unauthenticated", status=401)
    told, again = lines[-2:]
    assert (told["event"], told["code"], told["not_logged"]) == ("requests_refused", "unauthenticated", 3)
    assert (again["event"], again["code"], again["status"]) == ("request_refused", "unauthenticated", 401)
