"""Lambda's limits on the size of code, and shorts' own on what it unpacks.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

# The largest zip that Lambda accepts without S3, in bytes.
UPLOAD = 50 * 1024 * 1024
# The most that a function's code may have, unpacked, with its layers, in bytes.
UNZIPPED = 250 * 1024 * 1024
# What one distribution or one zip may unpack to, in bytes. Trimming shrinks what is too large for
# Lambda, so this is several times as much: PyTorch with CUDA, the largest on PyPI, is 1.8 GB.
# Anything larger is a zip bomb, and would fill the disk.
UNPACKED = 2_000_000_000
# How many folders deep its files may be; in real distributions they are ten deep.
DEPTH = 100
# An event, as JSON, and what a function returns, in bytes. Lambda's own error names the latter.
EVENT = 6 * 1024 * 1024
ANSWER = EVENT + 100
# The request line and all headers of a request to API Gateway together, in bytes.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
REQUEST_HEAD = 10_240
