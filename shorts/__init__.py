"""Build AWS Lambda functions in Python from a SAM template, instead of ``sam build``."""

__version__ = "0.1.0"
# Raised whenever a build makes other bytes of the same input; part of every key.
RULES = 7
