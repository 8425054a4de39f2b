"""The catalogue of causes, one file a cause: a pattern in source code and the sentence that explains it."""
