"""This machine: child processes, uv, interpreters, files, the cache, the state of projects."""
