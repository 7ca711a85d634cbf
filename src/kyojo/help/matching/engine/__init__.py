"""The engine of matching: arrays in, answers out. Pure: no database, no Django."""
