"""The live view of the running demo."""
