"""What runs inside the target's interpreter, back to Python 3.8: standard library only.

Its modules import each other by their bare names, as scripts of one folder do.
"""
