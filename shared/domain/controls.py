"""The keys of `process_controls`: what one process writes down and another reads."""

BRAKE = "brake"
RETENTION_FLOORS = "retention_floors"
DISKS = "disks"
STORE_JOB = "job:"
"""Before the name of a job on the stores."""
