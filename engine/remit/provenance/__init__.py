"""Provenance: from which earlier texts of a conversation a value came. It knows no policy."""

from remit.provenance.index import Index
from remit.provenance.model import Caps, Found, Hit, Leaf
from remit.provenance.unwrap import leaves

__all__ = ["Caps", "Found", "Hit", "Index", "Leaf", "leaves"]
