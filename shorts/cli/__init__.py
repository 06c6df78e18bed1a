"""The command: parses, calls one plain function, prints."""
