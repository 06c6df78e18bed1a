"""What `local invoke`, `local start-api` and `local start-lambda` share: they build, then run."""
