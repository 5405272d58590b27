"""The pure part: facts and policies in, figures out. No Django, no database, no clock, no float."""
