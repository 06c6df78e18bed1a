"""The documentation site: the hook that mkdocs runs, and the page that is made from the parser.

`python -m pages` writes docs/commands.md, `python -m pages.recording` the picture of the README.
"""
