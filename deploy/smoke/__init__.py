"""`make smoke`: starts the product in containers, looks at it as a user would, and removes it."""
