"""The log view in eight variants, a file each with the same signature: comparing two of them is the lesson."""
