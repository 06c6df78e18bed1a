"""What is said of an application and its zips: `check`, `why` and `size`."""
