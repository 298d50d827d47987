"""The files that prove something: their bytes, in a folder or in an S3-compatible store."""
