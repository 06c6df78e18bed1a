"""A function that tells what was installed for it."""

import importlib.util


def handler(event: object, context: object) -> list[str]:
    """Answer with the modules that there are, and with the version of one."""
    names = ("greet", "name_it", "name_it_more", "unwanted")
    found = [name for name in names if importlib.util.find_spec(name)]
    if "greet" in found:
        import greet

        found.append(greet.WORD)
    return found
