"""The comparison of a scenario's runs as a page, Markdown and a table."""
