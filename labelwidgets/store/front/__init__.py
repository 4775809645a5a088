"""The methods of a store, by what they are about: each is one transaction."""
