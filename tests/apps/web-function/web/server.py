"""A server."""

PORT = 8080
