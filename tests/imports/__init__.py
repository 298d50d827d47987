"""Exports of other products as their documentation describes them, made by us."""
