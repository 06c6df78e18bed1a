"""Attacks that delete, replace, fill or kill: each runs in bubblewrap (`make attacks`)."""
