"""The build systems that shorts is compared with, and the programs that measure them."""
