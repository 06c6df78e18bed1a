"""Build AWS Lambda functions in Python from a SAM template, in place of ``sam build``."""

__version__ = "0.1.0"
# Raised with every change to the bytes that a build makes of the same input; part of every key.
RULES = 7
