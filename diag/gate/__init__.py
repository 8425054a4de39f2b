"""The performance gate: runs judged by budgets, and beside the runs of another revision."""
