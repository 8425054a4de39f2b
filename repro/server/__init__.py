"""The log-monitoring service."""
