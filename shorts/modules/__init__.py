"""Python modules: their imports, the graph of these, and the bytecode of a target."""
