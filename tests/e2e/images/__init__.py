"""What the container tests run in: the two images that SAM takes for Python 3.13, an arm64 root.

The images are pulled where their registry can be reached. Elsewhere stand-ins are made, from
Debian's packages and the Python package index, with the same tags and with what SAM needs of them.
"""
