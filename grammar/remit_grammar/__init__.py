"""Text to syntax tree: the language of Remit, without the meaning of any rule."""
