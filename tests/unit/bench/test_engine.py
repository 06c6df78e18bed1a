"""The benchmark's helpers. What it measures is shown by it, and asserted nowhere."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from bench import engine
from bench.measure import Row, TookTooLong, figure, paired, spread, table, taking_turns, timed
from shorts.system.process import ProcessFailed

PYTHON = [sys.executable, "-I", "-S", "-c"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.09, 0.5, 0.1], "0.100 s (0.0900–0.500)"),
        ([1.0, 4.0], "2.50 s (1.00–4.00)"),
        ([47115.8], "47,116 s"),
        ([3.0, 3.0], "3.00 s"),
        ([], "–"),
    ],
)
def test_a_spread_is_the_median_with_the_ends(values: list[float], said: str) -> None:
    """The median stands first; the ends are left out where they say no more."""
    assert spread(values, "s") == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.00123456, "0.00123"),
        (0.9999, "1.000"),
        (1, "1.00"),
        (99.96, "100.0"),
        (343.2, "343"),
        (1234567.8, "1,234,568"),
    ],
)
def test_a_figure_has_three_digits(value: float, said: str) -> None:
    """Three digits count, and no digit before the point is lost."""
    assert figure(value) == said


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """The alarm of this process is then as it was."""
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TookTooLong):
        timed(["sleep", "60"], cwd=tmp_path, env={}, within=0.1)
    assert timed(["sleep", "0"], cwd=tmp_path, env={}, within=60).seconds < 60
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_ratios_are_of_figures_taken_together() -> None:
    """The median of the ratios is not the ratio of the medians: a slow run is slow for both."""
    row = Row(what="a", unit="s", ours=[1, 8, 3], theirs=[2, 16, 12], most_ratio=0.5)
    assert row.ratios == [0.5, 0.5, 0.25]
    assert row.reached is True


def test_figures_without_a_partner_are_refused() -> None:
    """A ratio needs both of its figures."""
    with pytest.raises(ValueError, match="shorter"):
        paired([1, 2], [1])


@pytest.mark.parametrize(
    ("most", "most_ratio", "reached"),
    [(None, None, None), (2, None, True), (1.9, None, False), (2, 0.5, True), (2, 0.4, False)],
)
def test_every_bound_has_to_be_kept(
    most: float | None, most_ratio: float | None, reached: bool | None
) -> None:
    """A row is reached where its median and the median of its ratios keep their bounds."""
    row = Row(
        what="a", unit="s", ours=[1, 2, 9], theirs=[4, 4, 4], most=most, most_ratio=most_ratio
    )
    assert row.reached is reached


def test_systems_take_turns() -> None:
    """The order changes with every run, and every run is announced."""
    order: list[str] = []

    def take(name: str) -> float:
        order.append(name)
        return len(order)

    first, second = taking_turns(
        3, lambda: take("a"), lambda: take("b"), lambda number: order.append(str(number))
    )
    assert order == ["1", "a", "b", "2", "b", "a", "3", "a", "b"]
    assert (first, second) == ([2, 6, 8], [3, 5, 9])


def test_the_table_is_markdown() -> None:
    """Columns are padded; what does not apply is a dash."""
    rows = [
        Row(what="quick", unit="s", ours=[0.1], theirs=[2.0], most=0.15, most_ratio=0.05),
        Row(what="alone", unit="MB", ours=[400.0], most=300),
        Row(what="free", unit="s", ours=[1.0, 2.0]),
    ]
    assert table(rows, "sam") == [
        "| what  | shorts             | sam    | ratio  | must reach             | reached |",
        "| ----- | ------------------ | ------ | ------ | ---------------------- | ------- |",
        "| quick | 0.100 s            | 2.00 s | 0.0500 | ≤ 0.15 s, ratio ≤ 0.05 | yes     |",
        "| alone | 400 MB             | –      | –      | ≤ 300 MB               | no      |",
        "| free  | 1.50 s (1.00–2.00) | –      | –      | –                      | –       |",
    ]


def test_a_run_is_timed_and_its_peak_known(tmp_path: Path) -> None:
    """The peak is that of the largest process, also where a child's child is the largest."""
    large = f"import subprocess as s; s.run([{sys.executable!r}, '-c', 'b\"1\" * 90_000_000'])"
    script = f"{large}; import os; print(os.getcwd(), os.environ['NAME'])"
    run = timed([*PYTHON, script], cwd=tmp_path, env={"NAME": "value"})
    assert run.output == f"{tmp_path} value\n"
    assert run.seconds > 0
    assert run.peak > 90_000_000


def test_a_failure_has_the_command_and_its_words(tmp_path: Path) -> None:
    """A command that fails stops the benchmark with what it said."""
    with pytest.raises(ProcessFailed) as caught:
        timed([*PYTHON, "import sys; sys.exit('no such thing')"], cwd=tmp_path, env={})
    assert (caught.value.status, caught.value.output) == (1, "no such thing")


def test_an_interrupted_command_is_ended(tmp_path: Path) -> None:
    """An interrupt ends the running command too, politely, and is passed on."""
    script = (
        "import os, signal, time\n"
        "try:\n"
        f"    os.kill({os.getpid()}, signal.SIGINT); time.sleep(60)\n"
        "finally:\n"
        "    open('ended', 'w').close()"
    )
    assert threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            timed([*PYTHON, script], cwd=tmp_path, env={})
    finally:
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--runs", "0"], "at least one is needed"),
        (["--only", "speed"], "invalid choice: 'speed'"),
        (["--json", "nowhere/at/all.json"], "there is no folder nowhere/at"),
    ],
)
def test_a_wrong_call_is_refused_at_once(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured for a call that cannot be answered."""
    with pytest.raises(SystemExit) as caught:
        engine.main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
