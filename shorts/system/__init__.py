"""This machine: child processes, uv, interpreters, files, the cache, what is remembered."""
