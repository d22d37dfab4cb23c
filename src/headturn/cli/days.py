"""The verb days: what was shot, what went in the bin, what is missing, and when it will be done."""
