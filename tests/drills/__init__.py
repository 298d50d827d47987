"""`make drills`: the product in containers, hurt under load, with the oracle of tests/faults beside it."""
