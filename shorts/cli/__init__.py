"""The command: parse, call one plain function, print."""
