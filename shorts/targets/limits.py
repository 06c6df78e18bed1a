"""Lambda's limits on the size of code, and ours on what is unpacked.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

# A zip that Lambda takes without S3, in bytes.
UPLOAD = 50 * 1024 * 1024
# A function's code, unpacked, with its layers, in bytes.
UNZIPPED = 250 * 1024 * 1024
# What one distribution or one zip may unpack to, in bytes. Trimming makes what is too large for
# Lambda small enough, so it is several times as much: PyTorch with CUDA, the largest that there is
# on PyPI, is 1.8 GB. What has more is a bomb, and would fill the disk.
UNPACKED = 2_000_000_000
# How many folders deep its files may lie; those of real distributions lie ten deep.
DEPTH = 100
