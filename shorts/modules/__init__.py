"""Python modules: their imports, the import graph, and the bytecode for a target."""
