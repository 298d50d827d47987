"""Everything that the campaign does to the product and its servers, one module per victim."""
