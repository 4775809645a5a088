"""Networks of the SAM family: one look at a picture, then an answer to every click."""
