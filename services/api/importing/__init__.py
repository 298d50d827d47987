"""Cases of other products, read from what their APIs give: TheHive 4 and 5, and DFIR-IRIS."""
