"""Runs `diag inspect` on a corpus of sick and healthy processes and judges what it says: `make corpus`."""
