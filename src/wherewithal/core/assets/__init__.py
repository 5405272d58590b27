"""What a book should say about fixed assets: facts in, balanced value rows out. Pure."""
