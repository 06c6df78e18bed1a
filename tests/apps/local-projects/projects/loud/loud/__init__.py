"""A project's package."""

VOICE = "loud"
