"""What people can do, a file a subject: what is asked becomes an Action. Knows service and records, not the web."""
