"""Facts about where code runs: runtimes, architectures, limits, standard modules, ELF files."""
