"""Reports on an application and its zips: `check`, `why` and `size`."""
