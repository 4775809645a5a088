"""Archives whose members are read where they lie."""
