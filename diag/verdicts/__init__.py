"""From evidence and causes to verdicts, one kind a file."""
