"""Judges that need more than the standard library. Each file imports its library when used."""
