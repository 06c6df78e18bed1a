"""Requirements: files, projects and locks, and what uv resolves them to."""
