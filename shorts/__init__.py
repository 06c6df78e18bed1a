"""Build AWS Lambda functions in Python from a SAM template, in place of ``sam build``."""

__version__ = "0.1.0"
