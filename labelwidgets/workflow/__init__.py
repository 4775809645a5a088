"""Who may do what when: stages of work, and one person's session."""
