"""Tables, the event log and frames: what is durable."""
