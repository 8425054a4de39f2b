"""What the project's speed is measured with, peers beside it: `make bench`."""
