"""`local start-api`: the template's APIs over HTTP, built again at each change."""
