"""`local start-api`: serves the template's APIs over HTTP, and builds again at each change."""
