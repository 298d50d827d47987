"""The Helm chart, with the tools that its users have."""
