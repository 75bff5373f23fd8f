"""The doors for people and programs: HTTP, the live socket, sign-in. Knows the web and nothing of radio."""
