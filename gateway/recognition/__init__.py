"""Who is where: identifiers, roster, presence, visits."""
