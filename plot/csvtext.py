"""CSV, read from memory alone, with pandas."""

import io
from collections.abc import Collection

import budgets
import pandas as pd
from captions import clean, quoted, shorten
from problems import refusal


def read_csv(text: str) -> pd.DataFrame:
    """Read CSV into columns of text: its first row has the names.

    Raises:
        Refusal: It cannot be read, two columns share a name, or there is more than budgets allow.
    """
    text = text.removeprefix("\ufeff").replace("\0", "").strip("\r\n")
    content = text.encode(errors="ignore")
    first, _, row = content.partition(b"\n")
    for separator, written in ((b";", "`;`"), (b"\t", "tabs")):
        if b"," not in first and separator in first and separator in row.partition(b"\n")[0]:
            raise refusal("$.csv", f"Expected commas between values, got {written}")
    budgets.check_table("$.csv", content.count(b"\n"), first.count(b",") + 1)
    try:
        cells = pd.read_csv(io.BytesIO(content), header=None, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError:
        raise refusal("$.csv", "Expected at least one row of data, got none") from None
    except pd.errors.ParserError as error:
        found = str(error).partition("C error: ")[2].strip() or str(error)
        raise refusal("$.csv", f"The CSV cannot be read: {found}") from None
    names = [clean(str(name)) for name in cells.iloc[0]]
    cells = cells.iloc[1:].reset_index(drop=True)
    # A line that ends in a comma has one more column, which is none.
    kept = [at for at, name in enumerate(names) if name or cells[at].str.strip().any()]
    names = [names[at] for at in kept]
    if again := [name for index, name in enumerate(names) if name in names[:index]]:
        raise refusal("$.csv", f"Expected one column named {quoted(again[0])}, got another")
    check_size("$.csv", len(cells), names)
    return cells[kept].set_axis(names, axis="columns")


def check_size(path: str, rows: int, names: Collection[str]) -> None:
    """Refuse a table of no rows, of too many, or of names that are too long."""
    if not names or not rows:
        raise refusal(path, "Expected at least one row of data, got none")
    budgets.check_table(path, rows, len(names))
    for name in names:
        if len(name) > budgets.TEXT:
            detail = f"Expected column names of up to {budgets.TEXT} characters, got {len(name):,}"
            raise refusal(path, f"{detail}: `{clean(shorten(name, 40))}`")
