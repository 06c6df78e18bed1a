"""`shorts sync`: builds, and sends what has changed to a deployed stack.

Code and layers go to Lambda's API, everything else through `sam deploy`.
"""
