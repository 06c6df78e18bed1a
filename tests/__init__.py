"""The tests: unit without processes or network, integration with real parts, e2e with SAM."""
