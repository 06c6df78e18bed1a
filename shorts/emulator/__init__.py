"""A built function under Lambda's own Runtime Interface Emulator, without Docker."""
