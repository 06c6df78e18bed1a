"""Code that runs inside the target's interpreter, back to Python 3.8: standard library only.

Its modules import each other by their bare names, like scripts in one folder.
"""
