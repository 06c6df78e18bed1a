"""Build AWS Lambda functions in Python from a SAM template, instead of ``sam build``."""

__version__ = "0.1.0"
# The version of the rules for what is packed, apart from that of shorts: raised whenever a build
# makes other bytes of the same input, and part of every key.
RULES = 8
