"""What a set of specs says: names bound, types known, authority checked."""
