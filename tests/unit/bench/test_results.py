"""What the benchmark's figures are shown as: the talk's table first, and no half of a row."""

from __future__ import annotations

from typing import Literal

from bench.results import Figures, Result, tables

FIGURES = Figures(
    clean=[4.0, 6.0],
    unchanged=[0.5],
    edited=[1.25],
    zipped=1_234_567,
    unzipped=9_876_543,
    files=1_500,
    init=[450.0],
    first=[120.0],
    repeats=True,
    answers=35,
)


def _result(
    system: str,
    function: str = "PlotFunction",
    state: Literal["measured", "absent", "failed"] = "measured",
    remark: str = "",
) -> Result:
    return Result(
        function=function,
        system=system,
        title=system.title(),
        remark=remark,
        state=state,
        why="" if state == "measured" else "no such thing",
        figures=FIGURES if state == "measured" else None,
    )


def test_the_talks_rows_stand_first_with_its_figures() -> None:
    """Its rows keep its order; all others follow as they were measured, without its figures."""
    made = [
        _result("uv_zip"),
        _result("pants"),
        _result("pip_echo_and_plot", "EchoFunction"),
        _result("pip_echo_alone", "EchoFunction"),
    ]
    assert tables(made)[:6] == [
        "| Lambda           | Build system      | Then (s) | Time (s)         | Then (KB) "
        "| Zip size (KB) |",
        "| ---------------- | ----------------- | -------- | ---------------- | --------- "
        "| ------------- |",
        "| Echo             | Pip_Echo_Alone    | 5.1      | 5.00 (4.00–6.00) | 228       "
        "| 1,235         |",
        "| Echo (with Plot) | Pip_Echo_And_Plot | 109      | 5.00 (4.00–6.00) | 47,632    "
        "| 1,235         |",
        "| Plot             | Pants             | 7.7      | 5.00 (4.00–6.00) | 40,109    "
        "| 1,235         |",
        "| Plot             | Uv_Zip            | –        | 5.00 (4.00–6.00) | –         "
        "| 1,235         |",
    ]


def test_what_was_not_measured_says_why_and_has_no_figures() -> None:
    """A system that cannot run and one that failed are told apart."""
    lines = tables([_result("pants", state="absent"), _result("pex", state="failed")])
    assert lines == [
        "- Plot, Pants, cannot run here: no such thing",
        "- Plot, Pex, was not measured: no such thing",
    ]
