"""What happened, so that nobody can change it: journal entries, their chain, their postings."""
