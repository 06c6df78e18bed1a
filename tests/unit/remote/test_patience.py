"""How long a build waits for a remote."""

from shorts.remote.patience import ANSWER, FIRST, NEXT, RATE, SLOW, Patience


def test_a_remote_that_never_answers_is_given_up_soon() -> None:
    """The first answer has to come within a moment."""
    patience = Patience(100.0, heard=False)
    assert patience.complaint(100 + FIRST) == ""
    assert patience.complaint(100.1 + FIRST) == "no answer within 1.5 s"


def test_a_remote_that_has_answered_gets_more_time() -> None:
    """From then on, silence may last a little longer; each byte ends it."""
    patience = Patience(100.0, heard=True)
    assert patience.complaint(100 + NEXT) == ""
    assert patience.complaint(100.1 + NEXT) == "no answer within 5 s"
    patience.hear(104.0, 1)
    assert patience.complaint(104 + NEXT) == ""


def test_a_remote_that_trickles_is_given_up() -> None:
    """What arrives steadily, and far too slowly, does not keep a build waiting."""
    patience = Patience(0.0, heard=True)
    now = 0.0
    while not patience.complaint(now):
        now += 1
        patience.hear(now, RATE // 10)
    assert SLOW < now < 2 * SLOW
    assert patience.complaint(now) == "less than 100 KB a second arrived"


def test_many_small_answers_are_not_slow() -> None:
    """A thousand names that the remote does not have may take their time."""
    patience = Patience(0.0, heard=True)
    for now in range(1000):
        patience.hear(now, ANSWER)
        assert patience.complaint(now) == ""
