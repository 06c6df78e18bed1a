"""Attacks: what could lose the user's files or let something in, with a decoy HOME."""
